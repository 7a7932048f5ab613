/**
 * What a shell can complete, read out of the tables of commands and options.
 *
 * @module
 */

import type { Option, OptionTable } from "../config/option_table.ts";
import { type Command, optionsOf } from "./command.ts";

/** What is completed. */
export interface Completable {
  /** All commands. */
  readonly commands: readonly Command[];
  /** The options that every command with a configuration takes. */
  readonly options: OptionTable;
}

/** What may follow: some words, the name of a file or of a directory, or a text that nobody knows before. */
export type Continuation = readonly string[] | "file" | "directory" | "text";

/** An option as it is typed: `-q`, `--queue-length`; of a flag, what changes its default. */
export function flagsOf(option: Option): string[] {
  const letters = (option.aliases ?? []).filter((alias) => /^[a-z]$/i.test(alias));
  const isOn = option.kind === "flag" && option.default === true;
  return isOn ? [`--no-${option.name}`] : [...letters.map((letter) => `-${letter}`), `--${option.name}`];
}

/** What follows an option; undefined for a flag. */
export function valueOf(option: Option): Continuation | undefined {
  if (option.kind === "flag") return undefined;
  if (option.kind === "choice") return option.choices;
  if (option.placeholder !== "path" && option.placeholder !== "module") return "text";
  return option.name.endsWith("directory") ? "directory" : "file";
}

/** What follows a command, beside options; undefined if nothing does. */
export function operandOf(
  { name, operands }: Command,
  { commands, options }: Completable,
): Continuation | undefined {
  if (name === "help") return [...commands, ...options].map((known) => known.name);
  return operands?.length === 0 ? "file" : operands;
}

/** The options of a command: of one with a configuration, those that not every such command takes. */
export function ownOptions(command: Command, { options }: Completable): OptionTable {
  return command.configured ? command.options ?? [] : optionsOf(command, options);
}
