/**
 * The completion script for bash.
 *
 * @module
 */

import {
  type Completable,
  type Continuation,
  flagsOf,
  operandOf,
  ownOptions,
  valueOf,
} from "./completable.ts";

/** Makes the script. */
export function bashScript(completable: Completable): string {
  const { commands, options } = completable;
  const all = [...options, ...commands.flatMap(({ options = [] }) => options)];
  const values = all.flatMap((option) => {
    const value = valueOf(option);
    return value === undefined ? [] : [`    ${flagsOf(option).join("|")}) ${replies(value)}; return ;;`];
  });
  const cases = commands.map((command) => {
    const flags = [
      ...ownOptions(command, completable).flatMap(flagsOf),
      ...command.configured ? ["$flags"] : [],
    ];
    const operand = operandOf(command, completable);
    const reply = operand === undefined ? "" : `; [[ $cur == -* ]] || { ${replies(operand)}; }`;
    return `    ${command.name}) flags="${flags.join(" ")}"${reply} ;;`;
  });
  return `# bash completion for pmmux: source <(pmmux completions bash)
_pmmux() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  local flags="${options.flatMap(flagsOf).join(" ")}"
  COMPREPLY=()
  # Bash takes --option=value apart.
  if [[ $cur == "=" ]]; then cur=""; fi
  if [[ $prev == "=" ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  case $prev in
${values.join("\n")}
  esac
  if [[ $COMP_CWORD -eq 1 && $cur != -* ]]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")}" -- "$cur"))
    return
  fi
  case \${COMP_WORDS[1]} in
${cases.join("\n")}
  esac
  if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W "$flags" -- "$cur")); fi
}
complete -F _pmmux pmmux`;
}

function replies(value: Continuation): string {
  if (value === "text") return "COMPREPLY=()";
  if (typeof value === "object") return `COMPREPLY=($(compgen -W "${value.join(" ")}" -- "$cur"))`;
  const paths = `mapfile -t COMPREPLY < <(compgen -${value === "file" ? "f" : "d"} -- "$cur")`;
  return `compopt -o filenames 2>/dev/null; ${paths}`;
}
