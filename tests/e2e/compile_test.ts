import { assertEquals, assertStringIncludes } from "@std/assert";

const ROOT = new URL("../../", import.meta.url).pathname;

async function task(name: string, env: Record<string, string> = {}): Promise<{ code: number; text: string }> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["task", name],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
  });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

Deno.test("nothing would be missing in a compiled pmmux", async () => {
  const { code, text } = await task("compile:check");
  assertEquals(code, 0, text);
  assertStringIncludes(text, "all protocols (pass, noop, bittorrent-pass");
});

Deno.test("compiling without denort says what is missing", async () => {
  const { code, text } = await task("compile", { DENORT_BIN: "/nowhere/denort" });
  assertEquals(code, 1, text);
  assertStringIncludes(text, `Set DENORT_BIN to the denort of Deno ${Deno.version.deno}`);
});
