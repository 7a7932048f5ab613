/**
 * What a command works with, made of the command line.
 *
 * @module
 */

import type { ParsedArguments } from "../config/arguments_layer.ts";
import { ConfigError } from "../config/errors.ts";
import type { ConfigFile } from "../config/file_format.ts";
import { type FailedConfig, loadConfig, type LoadedConfig } from "../config/load_config.ts";
import type { OptionTable } from "../config/option_table.ts";
import { placeholderNames } from "../config/placeholders.ts";
import type { Command, CommandContext, ValidateBackends } from "./command.ts";
import { readConfigFile } from "./config_file.ts";
import type { Host } from "./host.ts";

const DEFAULT_FILE = "pmmux.toml";

/** A command line after its command was found. */
export interface Invocation {
  /** The command. */
  readonly command: Command;
  /** All commands there are. */
  readonly commands: readonly Command[];
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
  const { commands, parsed, table } = invocation;
  const values = (name: string) => {
    const given = parsed.given.values().find((candidate) => candidate.option.name === name);
    return (given?.values ?? []).map(({ written }) => String(written));
  };
  const option = (name: string) => values(name)[0];
  return {
    host,
    commands,
    table: table.filter((option) => !option.invocation),
    operands: parsed.operands,
    option,
    values,
    configFile: option("config-file") ?? DEFAULT_FILE,
    load: () => load(invocation, { host, named: option("config-file") }),
    validateBackends,
  };
}

async function load(
  { command, args, table }: Invocation,
  { host, named }: { readonly host: Host; readonly named: string | undefined },
): Promise<LoadedConfig | FailedConfig> {
  let file: ConfigFile | undefined;
  let unreadable: ConfigError | undefined;
  try {
    file = await readConfigFile(named ?? DEFAULT_FILE, { host, named: named !== undefined });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    unreadable = error;
  }
  const env = host.environment([...args, file?.text ?? ""].flatMap(placeholderNames));
  const loaded = loadConfig({
    args,
    env,
    table,
    operands: command.operands !== undefined,
    ...(file && { file }),
  });
  if (!unreadable) return loaded;
  return { errors: [unreadable, ...(loaded.errors ?? [])], notices: loaded.notices };
}
