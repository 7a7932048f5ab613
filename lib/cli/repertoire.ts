/**
 * The commands and options that there are: those of pmmux, and those of the extensions that are named.
 *
 * @module
 */

import { ConfigError } from "../config/errors.ts";
import { extensionList } from "../config/extension_list.ts";
import { withExtensionOptions } from "../config/extension_options.ts";
import type { ConfigInput } from "../config/load_config.ts";
import type { OptionTable } from "../config/option_table.ts";
import { coreOptions } from "../config/options.ts";
import { Origins } from "../config/origins.ts";
import type { Command } from "./command.ts";
import type { LoadedExtension } from "../engine/load_extensions.ts";
import { commands } from "./commands.ts";

/** What can be said to pmmux. */
export interface Repertoire {
  /** All commands. */
  readonly commands: readonly Command[];
  /** All options that end up in the configuration. */
  readonly options: OptionTable;
  /** The extensions that some of them are from. */
  readonly extensions: readonly LoadedExtension[];
}

/** What pmmux knows by itself. */
export const ownRepertoire: Repertoire = { commands, options: coreOptions, extensions: [] };

/**
 * Loads the extensions that a command line, an environment and a file name, and adds what they add.
 *
 * @throws {ConfigError} If one of them cannot be used, or adds what is there already.
 */
export async function repertoireOf(input: ConfigInput): Promise<Repertoire> {
  const origins = new Origins();
  const specifiers = extensionList(input, origins);
  if (specifiers.length === 0) return ownRepertoire;
  const { loadExtensions } = await import("../engine/load_extensions.ts");
  const { extensionCommands } = await import("./extension_commands.ts");
  const extensions = await loadExtensions(specifiers).catch((error) => {
    throw error instanceof ConfigError ? origins.locate(error) : error;
  });
  const owners = new Map(commands.map(({ name }) => [name, "pmmux itself"]));
  const added: Command[] = [];
  for (const { extension } of extensions) {
    for (const command of extensionCommands(extension)) {
      const owner = owners.get(command.name);
      const own = `extension "${extension.name}"`;
      if (owner !== undefined) {
        throw new ConfigError(`two commands are called "${command.name}": one of ${owner} and one of ${own}`);
      }
      owners.set(command.name, own);
      added.push(command);
    }
  }
  const options = withExtensionOptions(coreOptions, extensions.map(({ extension }) => extension));
  return { commands: [...commands, ...added], options, extensions };
}
