/**
 * The completion script for zsh.
 *
 * @module
 */

import type { Option } from "../config/option_table.ts";
import {
  type Completable,
  type Continuation,
  flagsOf,
  operandOf,
  ownOptions,
  valueOf,
} from "./completable.ts";

/** Makes the script: to be sourced, or to be found as `_pmmux` in `fpath`. */
export function zshScript(completable: Completable): string {
  const { commands, options } = completable;
  const cases = commands.map((command) => {
    const operand = operandOf(command, completable);
    const specs = [
      ...ownOptions(command, completable).flatMap(specsOf),
      ...(operand === undefined ? [] : [`"*:${command.name}:${action(operand)}"`]),
    ];
    return `    ${command.name}) options=(${command.configured ? "$options " : ""}${specs.join(" ")}) ;;`;
  });
  return `#compdef pmmux
# zsh completion for pmmux: source <(pmmux completions zsh)
_pmmux() {
  local -a commands=(
${commands.map(({ name, summary }) => `    "${name}:${quote(summary)}"`).join("\n")}
  )
  local -a options=(
${options.flatMap(specsOf).map((spec) => `    ${spec}`).join("\n")}
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe command commands
    return
  fi
  case $words[2] in
${cases.join("\n")}
  esac
  # What follows a command is completed as if the command were the program.
  if [[ $words[2] != -* ]]; then
    shift words
    (( CURRENT-- ))
  fi
  _arguments $options
}
if [[ $funcstack[1] == _pmmux ]]; then _pmmux "$@"; else compdef _pmmux pmmux; fi`;
}

/** An option for \`_arguments\`, in each of its spellings. */
function specsOf(option: Option): string[] {
  const flags = flagsOf(option);
  const value = valueOf(option);
  const argument = value === undefined ? "" : `:${option.name}:${action(value)}`;
  const others = option.kind === "list" ? "*" : `(${flags.join(" ")})`;
  return flags.map((flag) => {
    const equals = value !== undefined && flag.startsWith("--") ? "=" : "";
    return `"${others}${flag}${equals}[${quote(option.help)}]${argument}"`;
  });
}

function action(value: Continuation): string {
  if (typeof value === "object") return `(${value.join(" ")})`;
  return value === "text" ? " " : value === "file" ? "_files" : "_directories";
}

function quote(text: string): string {
  return text.replace(/[\\[\]:"`$]/g, (character) => `\\${character}`);
}
