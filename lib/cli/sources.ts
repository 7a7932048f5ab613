/**
 * What a configuration is made of, collected for a command line.
 *
 * @module
 */

import { parseArguments } from "../config/arguments_layer.ts";
import { ConfigError } from "../config/errors.ts";
import type { ConfigFile } from "../config/file_format.ts";
import type { OptionTable } from "../config/option_table.ts";
import { type Environment, placeholderNames } from "../config/placeholders.ts";
import { readConfigFile } from "./config_file.ts";
import type { Host } from "./host.ts";

/** The file that is read unless another one is named. */
export const DEFAULT_FILE = "pmmux.toml";

/** A command line, an environment and a file. */
export interface Sources {
  /** The command line, without the command's name. */
  readonly args: readonly string[];
  /** The environment. */
  readonly env: Environment;
  /** The file, if there is one. */
  readonly file?: ConfigFile;
  /** Why the file cannot be read. */
  readonly unreadable?: ConfigError;
  /** The options that are known already. */
  readonly table: OptionTable;
}

/** What sources are read with. */
export interface ReadSourcesOptions {
  /** The options that are known. */
  readonly table: OptionTable;
  /** The process around it. */
  readonly host: Host;
  /** Whether the file has to exist even if the command line does not name it. */
  readonly fileNeeded?: boolean;
}

/** Reads the file that a command line names, and what it and the command line need of the environment. */
export async function readSources(
  args: readonly string[],
  { table, host, fileNeeded = false }: ReadSourcesOptions,
): Promise<Sources> {
  const { given } = parseArguments(args, { table, reportAt: () => () => {} });
  const written = given.get("configFile")?.values[0]?.written;
  let file: ConfigFile | undefined;
  let unreadable: ConfigError | undefined;
  try {
    file = await readConfigFile(String(written ?? DEFAULT_FILE), {
      host,
      needed: fileNeeded || written !== undefined,
    });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    unreadable = error;
  }
  const env = host.environment([...args, file?.text ?? ""].flatMap(placeholderNames));
  return { args, env, table, ...(file && { file }), ...(unreadable && { unreadable }) };
}
