/**
 * What a command works with, made of the command line.
 *
 * @module
 */

import type { ParsedArguments } from "../config/arguments_layer.ts";
import { ConfigError } from "../config/errors.ts";
import { loadConfig } from "../config/load_config.ts";
import type { OptionTable } from "../config/option_table.ts";
import { Origins } from "../config/origins.ts";
import { type Command, type CommandContext, optionsOf, type ValidateBackends } from "./command.ts";
import type { Host } from "./host.ts";
import { type Repertoire, repertoireOf } from "./repertoire.ts";
import { DEFAULT_FILE, readSources } from "./sources.ts";
import { identifyFile } from "./watch_file.ts";

/** A command line after its command was found. */
export interface Invocation {
  /** The command. */
  readonly command: Command;
  /** All commands and options there are. */
  readonly repertoire: Repertoire;
  /** What follows the command's name. */
  readonly args: readonly string[];
  /** The same, taken apart. */
  readonly parsed: ParsedArguments;
  /** All options that the command takes. */
  readonly table: OptionTable;
}

/** Makes the context that the command of an invocation runs with. */
export function commandContext(
  invocation: Invocation,
  { host, validateBackends }: { readonly host: Host; readonly validateBackends: ValidateBackends },
): CommandContext {
  const { repertoire, parsed } = invocation;
  const values = (name: string) => {
    const given = parsed.given.values().find((candidate) => candidate.option.name === name);
    return (given?.values ?? []).map(({ written }) => String(written));
  };
  const option = (name: string) => values(name)[0];
  const configFile = option("config-file") ?? DEFAULT_FILE;
  const load = loader(invocation, host);
  let fileRead = "";
  return {
    host,
    commands: repertoire.commands,
    table: repertoire.options,
    extensions: repertoire.extensions,
    operands: parsed.operands,
    option,
    values,
    configFile,
    async load() {
      fileRead = await identifyFile(configFile);
      return await load();
    },
    fileRead: () => fileRead,
    validateBackends,
  };
}

/**
 * Loads again and again. The extensions are looked for anew: the file may name others by now. A file that was there
 * must not be gone, since nothing is no configuration to replace one with.
 */
function loader({ command, args, table }: Invocation, host: Host): CommandContext["load"] {
  let fileNeeded = false;
  return async () => {
    const sources = await readSources(args, { table, host, fileNeeded });
    fileNeeded ||= sources.file !== undefined;
    let repertoire: Repertoire;
    try {
      repertoire = await repertoireOf(sources);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return { errors: [error], notices: [], origins: new Origins() };
    }
    return loadConfig({
      ...sources,
      table: optionsOf(command, repertoire.options),
      operands: command.operands !== undefined,
    });
  };
}
