/**
 * Completion scripts for shells, made of the tables of commands and options.
 *
 * @module
 */

import type { Option, OptionTable } from "../config/option_table.ts";
import type { Command } from "./command.ts";

/** What is completed. */
export interface Completable {
  /** All commands. */
  readonly commands: readonly Command[];
  /** The options that every command with a configuration takes. */
  readonly options: OptionTable;
}

/** The shells that scripts can be made for. */
export type Shell = "bash" | "zsh" | "fish";

/** The makers of scripts by shell. */
export const completionScripts: Readonly<Record<Shell, (completable: Completable) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

function bashScript({ commands, options }: Completable): string {
  const flags = options.flatMap(flagsOf).join(" ");
  const values = options.flatMap((option) => {
    const words = wordsOf(option);
    const action = words ? `COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$cur"))` : bashPaths(option);
    return option.kind === "flag" ? [] : [`    ${flagsOf(option).join("|")}) ${action}; return ;;`];
  });
  const own = commands.flatMap(({ name, operands = [], options: ownOptions = [] }) => {
    const words = [...operands, ...ownOptions.flatMap(flagsOf)];
    return words.length === 0 ? [] : [`    ${name}) own="${words.join(" ")}" ;;`];
  });
  return `# bash completion for pmmux: source <(pmmux completions bash)
_pmmux() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} own=""
  COMPREPLY=()
  case $prev in
${values.join("\n")}
  esac
  case \${COMP_WORDS[1]} in
${own.join("\n")}
  esac
  if [[ $COMP_CWORD -eq 1 && $cur != -* ]]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")}" -- "$cur"))
  elif [[ $cur != -* ]]; then
    COMPREPLY=($(compgen -W "$own" -- "$cur"))
  else
    COMPREPLY=($(compgen -W "$own ${flags}" -- "$cur"))
  fi
}
complete -F _pmmux pmmux`;
}

function bashPaths(option: Option): string {
  if (!takesPath(option)) return "COMPREPLY=()";
  return `COMPREPLY=($(compgen -${takesDirectory(option) ? "d" : "f"} -- "$cur"))`;
}

function zshScript({ commands, options }: Completable): string {
  const quote = (text: string) => text.replace(/[\\\[\]:'"`$]/g, (character) => `\\${character}`);
  const lines = options.map((option) => {
    const flags = flagsOf(option);
    const names = flags.length > 1
      ? `{${flags.map((flag) => flag.replace("?", "\\?")).join(",")}}`
      : flags[0];
    const action = wordsOf(option)?.join(" ") ?? "";
    const paths = takesDirectory(option) ? "_directories" : takesPath(option) ? "_files" : " ";
    const value = option.kind === "flag" ? "" : `:${option.name}:${action ? `(${action})` : paths}`;
    const repeat = option.kind === "list" ? "\\*" : "";
    return `    ${repeat}${names}"[${quote(option.help)}]${value}"`;
  });
  const rows = commands.map(({ name, summary }) => `    "${name}:${quote(summary)}"`);
  const own = commands.flatMap(({ name, operands = [] }) =>
    operands.length === 0 ? [] : [`    ${name}) compadd ${operands.join(" ")} ;;`]
  );
  return `#compdef pmmux
_pmmux() {
  local -a commands=(
${rows.join("\n")}
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe command commands
    return
  fi
  case $words[2] in
${own.join("\n")}
  esac
  # What follows a command is completed as if the command were the program.
  if [[ $words[2] != -* ]]; then
    shift words
    (( CURRENT-- ))
  fi
  _arguments \\
${lines.join(" \\\n")}
}
compdef _pmmux pmmux`;
}

function fishScript({ commands, options }: Completable): string {
  const quote = (text: string) => `'${text.replace(/['\\]/g, (character) => `\\${character}`)}'`;
  const first = "__fish_use_subcommand";
  const commandLines = commands.map(({ name, summary }) =>
    `complete -c pmmux -f -n ${first} -a ${name} -d ${quote(summary)}`
  );
  const operandLines = commands.flatMap(({ name, operands = [] }) =>
    operands.length === 0
      ? []
      : [`complete -c pmmux -f -n '__fish_seen_subcommand_from ${name}' -a ${quote(operands.join(" "))}`]
  );
  const ownOptions = commands.flatMap(({ name, options: own = [] }) =>
    own.map((option) =>
      `${fishOption(option)} -n '__fish_seen_subcommand_from ${name}' -d ${quote(option.help)}`
    )
  );
  const optionLines = options.map((option) => {
    const words = wordsOf(option);
    const value = option.kind === "flag"
      ? ""
      : words
      ? ` -x -a ${quote(words.join(" "))}`
      : takesPath(option)
      ? " -r -F"
      : " -x";
    return `${fishOption(option)}${value} -d ${quote(option.help)}`;
  });
  return ["# fish completion for pmmux", ...commandLines, ...operandLines, ...ownOptions, ...optionLines]
    .join("\n");
}

function fishOption(option: Option): string {
  const short = (option.aliases ?? []).find((alias) => /^[a-z]$/i.test(alias));
  return `complete -c pmmux${short ? ` -s ${short}` : ""} -l ${option.name}`;
}

function flagsOf(option: Option): string[] {
  const letters = (option.aliases ?? []).filter((alias) => /^[a-z]$/i.test(alias));
  return [...letters.map((letter) => `-${letter}`), `--${option.name}`];
}

function wordsOf(option: Option): readonly string[] | undefined {
  return option.kind === "choice" ? option.choices : undefined;
}

function takesPath(option: Option): boolean {
  return option.placeholder === "path";
}

function takesDirectory(option: Option): boolean {
  return takesPath(option) && option.name.endsWith("directory");
}
