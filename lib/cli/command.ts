/**
 * What a command is. Each stands in a file of its own and in the list of `commands.ts`.
 *
 * @module
 */

import type { ConfigError } from "../config/errors.ts";
import type { FailedConfig, LoadedConfig } from "../config/load_config.ts";
import { extendTable, type OptionTable } from "../config/option_table.ts";
import { invocationOptions } from "../config/options.ts";
import type { Config } from "../config/types.ts";
import type { LoadedExtension } from "../engine/load_extensions.ts";
import type { Host } from "./host.ts";

/** It did what it was asked. */
export const EXIT_OK = 0;
/** It failed while running. */
export const EXIT_FAILURE = 1;
/** What it was given is wrong: the command line, the environment or the configuration file. */
export const EXIT_BAD_INPUT = 2;

/** Looks for faults that only backend modules can see, such as a missing `target.port`. */
export type ValidateBackends = (config: Config) => Promise<readonly ConfigError[]>;

/** A subcommand of pmmux. */
export interface Command {
  /** The word on the command line. */
  readonly name: string;
  /** What it does, in one line. */
  readonly summary: string;
  /** What follows the name: `[options]`, `bash|zsh|fish`. */
  readonly usage: string;
  /** Whether it reads the configuration, and so takes all options of pmmux. */
  readonly configured: boolean;
  /** Whether it takes the extensions into account, though it does not read the rest of the configuration. */
  readonly extensible?: boolean;
  /** Options of its own; each is an `invocation` option. */
  readonly options?: OptionTable;
  /** Words that may follow, where those are known; undefined if none may. */
  readonly operands?: readonly string[];
  /** Shows why it cannot run, and answers the exit status; lines on stderr unless given. */
  showErrors?(errors: readonly ConfigError[], context: CommandContext): number;
  /** Runs it, and answers the exit status. */
  run(context: CommandContext): Promise<number> | number;
}

/** All options that a command takes, of those that end up in the configuration and its own. */
export function optionsOf(command: Command, options: OptionTable): OptionTable {
  const { configured, extensible = false } = command;
  const known = invocationOptions.filter(({ key }) => configured || extensible || key !== "configFile");
  const own = extendTable(known, command.options ?? []);
  if (configured) return extendTable(own, options);
  return extensible ? extendTable(own, options.filter(({ key }) => key === "extensions")) : own;
}

/** What a command works with. */
export interface CommandContext {
  /** The process around it. */
  readonly host: Host;
  /** All commands there are. */
  readonly commands: readonly Command[];
  /** The options that end up in the configuration, those of extensions too. */
  readonly table: OptionTable;
  /** The extensions that were found. */
  readonly extensions: readonly LoadedExtension[];
  /** The words of the command line that are neither options nor values. */
  readonly operands: readonly string[];
  /** The text given for an option of the command's own; `"true"` for a flag; undefined if not given. */
  option(name: string): string | undefined;
  /** All texts given for a repeatable option of the command's own, in their order. */
  values(name: string): readonly string[];
  /** The file that `load` reads, as the command line names it; it need not exist when it is the default. */
  readonly configFile: string;
  /** Reads command line, environment and file; again when called again. */
  load(): Promise<LoadedConfig | FailedConfig>;
  /** What identified the file when `load` began to read it last. */
  fileRead(): string;
  /** What `check` and `run` ask beside everything else. */
  readonly validateBackends: ValidateBackends;
}
