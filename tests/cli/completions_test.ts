import { assertEquals, assertStringIncludes } from "@std/assert";
import { commands } from "../../lib/cli/commands.ts";
import { coreOptions } from "../../lib/config/options.ts";
import { pmmux } from "./fake_host.ts";

for (const shell of ["bash", "zsh", "fish"]) {
  Deno.test({
    name: `completions for ${shell} know every command, option and choice`,
    permissions: "none",
    fn: async () => {
      const { status, out } = await pmmux(["completions", shell]);
      assertEquals(status, 0);
      for (const { name } of commands) assertStringIncludes(out, name);
      for (const option of coreOptions) {
        assertStringIncludes(out, option.name);
        if (option.kind === "choice") assertStringIncludes(out, option.choices.join(" "));
      }
    },
  });
}

/** The words that bash offers for a command line. */
async function bashOffers(...words: string[]): Promise<string[]> {
  const { out: script } = await pmmux(["completions", "bash"]);
  const quoted = words.map((word) => `'${word}'`).join(" ");
  const ask = `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _pmmux; echo "\${COMPREPLY[*]}"`;
  const { stdout, stderr } = await new Deno.Command("bash", { args: ["-c", `${script}\n${ask}`] }).output();
  assertEquals(new TextDecoder().decode(stderr), "");
  return new TextDecoder().decode(stdout).trim().split(" ");
}

for (
  const [words, offers] of [
    [["pmmux", "ch"], ["check"]],
    [["pmmux", "-v", "inf"], ["information"]],
    [["pmmux", "--panic", ""], ["route", "reject"]],
    [["pmmux", "check", "--js"], ["--json"]],
    [["pmmux", "run", "--queue"], ["--queue-length"]],
    [["pmmux", "completions", ""], ["bash", "zsh", "fish"]],
    [["pmmux", "-q", ""], [""]],
    [["pmmux", "--panic", "="], ["route", "reject"]],
    [["pmmux", "--panic", "=", "re"], ["reject"]],
    [["pmmux", "check", "--no-"], ["--no-supervisor"]],
    [["pmmux", "permissions", "--format", "f"], ["flags"]],
    [["pmmux", "explain", "--te"], ["--text"]],
    [["pmmux", "schema", "--queue"], [""]],
    [["pmmux", "check", ""], [""]],
    [["pmmux", "help", "per"], ["permissions"]],
    [["pmmux", "-c", "/proc/versio"], ["/proc/version"]],
    [["pmmux", "-d", "/et"], ["/etc"]],
  ] as const
) {
  Deno.test({
    name: `bash completes: ${words.join(" ")}`,
    permissions: { run: ["bash"] },
    fn: async () => assertEquals(await bashOffers(...words), [...offers]),
  });
}
