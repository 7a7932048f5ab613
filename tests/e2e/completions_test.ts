import { assertEquals } from "@std/assert";
import { requireProgram } from "../support/find_program.ts";
import { runProgram } from "../support/program.ts";
import { pmmux } from "../cli/fake_host.ts";
import { TempDirectory } from "./services/temp_directory.ts";

/** What is typed, and the only word that can come of the last one. */
const COMPLETED: readonly (readonly [typed: string, word: string])[] = [
  ["pmmux ch", "check"],
  ["pmmux -v inf", "information"],
  ["pmmux --panic=ro", "--panic=route"],
  ["pmmux --panic re", "reject"],
  ["pmmux -b x:noop -r least-c", "least-connections"],
  ["pmmux -m up", "upnp"],
  ["pmmux check --js", "--json"],
  ["pmmux check --no-s", "--no-supervisor"],
  ["pmmux permissions --format fl", "flags"],
  ["pmmux explain --file compl", "complete.me"],
  ["pmmux -c compl", "complete.me"],
  ["pmmux help pe", "permissions"],
  ["pmmux completions fi", "fish"],
  ["pmmux schema --vers", "--version"],
];
/** What nothing can come of. */
const NOT_COMPLETED = ["pmmux schema --queue", "pmmux -q compl", "pmmux check compl", "pmmux version --js"];

/** Types into an interactive zsh, and writes down what each line has become. */
const ZSH = String.raw`
zmodload zsh/zpty
script=$1 seen=$2
shift 2
zpty shell "TERM=dumb PS1= zsh -f -i"
zpty -w shell "unsetopt beep list_beep; autoload -Uz compinit; compinit -D -u; source $script"
zpty -w shell 'offer() { zle complete-word; print -r -- "$BUFFER" >> '$seen'; BUFFER=; }; zle -N offer; bindkey "^T" offer'
zpty -w shell "print ready >> $seen"
until grep -q ready $seen 2>/dev/null; do sleep 0.02; done
for line in "$@"; do zpty -w -n shell "$line"$'\x14'; done
zpty -w -n shell $'exit\n'
while zpty -r shell chunk; do :; done
`;

function lastWord(line: string): string {
  return line.trimEnd().split(" ").at(-1)!;
}

async function scriptOf(shell: string, directory: TempDirectory): Promise<string> {
  directory.write("complete.me", "");
  return directory.write(`script.${shell}`, (await pmmux(["completions", shell])).out);
}

Deno.test({
  name: "zsh completes commands, options and their values",
  ...requireProgram("zsh"),
  async fn() {
    using directory = new TempDirectory();
    const script = await scriptOf("zsh", directory);
    const driver = directory.write("driver.zsh", `cd ${directory.path}\n${ZSH}`);
    const lines = [...COMPLETED.map(([typed]) => typed), ...NOT_COMPLETED];
    await runProgram("zsh", { args: ["-f", driver, script, `${directory.path}/seen`, ...lines] });
    const [ready, ...seen] = Deno.readTextFileSync(`${directory.path}/seen`).trimEnd().split("\n");
    assertEquals(ready, "ready");
    assertEquals(seen.map(lastWord), [...COMPLETED.map(([, word]) => word), ...NOT_COMPLETED.map(lastWord)]);
  },
});

Deno.test({
  name: "fish completes commands, options and their values",
  ...requireProgram("fish"),
  async fn() {
    using directory = new TempDirectory();
    const script = await scriptOf("fish", directory);
    const ask =
      `cd ${directory.path}; source ${script}; for line in $argv; echo "> $line"; complete -C $line; end`;
    const lines = [...COMPLETED.map(([typed]) => typed), ...NOT_COMPLETED];
    const env = { HOME: directory.path };
    const out = await runProgram("fish", { args: ["--no-config", "-c", ask, ...lines], env });
    const offered = out.split(/^> .*\n/m).slice(1).map((text) => text.replace(/\t.*/g, "").trimEnd());
    assertEquals(offered, [...COMPLETED.map(([, word]) => word), ...NOT_COMPLETED.map(() => "")]);
  },
});
