/**
 * The completion script for fish.
 *
 * @module
 */

import type { Option, OptionTable } from "../config/option_table.ts";
import {
  type Completable,
  type Continuation,
  flagsOf,
  operandOf,
  ownOptions,
  valueOf,
} from "./completable.ts";

/** Makes the script. */
export function fishScript(completable: Completable): string {
  const { commands, options } = completable;
  const others = commands.filter(({ configured }) => !configured).map(({ name }) => name);
  return [
    "# fish completion for pmmux: pmmux completions fish | source",
    "complete -c pmmux -f",
    ...commands.map(({ name, summary }) =>
      `complete -c pmmux -n __fish_use_subcommand -a ${name} -d ${quote(summary)}`
    ),
    ...optionLines(options, `not ${seen(others)}`),
    ...commands.flatMap((command) => {
      const operand = operandOf(command, completable);
      const condition = seen([command.name]);
      return [
        ...(operand === undefined ? [] : [`complete -c pmmux -n ${quote(condition)} ${value(operand)}`]),
        ...optionLines(ownOptions(command, completable), condition),
      ];
    }),
  ].join("\n");
}

function optionLines(options: OptionTable, condition: string): string[] {
  return options.map((option) => {
    const spellings = flagsOf(option).map((flag) =>
      flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag[1]}`
    );
    return [
      "complete -c pmmux -n",
      quote(condition),
      ...spellings,
      ...valueWords(option),
      "-d",
      quote(option.help),
    ]
      .join(" ");
  });
}

function valueWords(option: Option): string[] {
  const given = valueOf(option);
  return given === undefined ? [] : ["-r", value(given)];
}

function value(given: Continuation): string {
  if (typeof given === "object") return `-f -a ${quote(given.join(" "))}`;
  return given === "text" ? "-f" : given === "file" ? "-F" : "-f -a '(__fish_complete_directories)'";
}

function seen(commands: readonly string[]): string {
  return `__fish_seen_subcommand_from ${commands.join(" ")}`;
}

function quote(text: string): string {
  return `'${text.replace(/['\\]/g, (character) => `\\${character}`)}'`;
}
