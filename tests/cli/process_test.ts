import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { processHost } from "../../lib/cli/host.ts";

const root = new URL("../../", import.meta.url);

interface Run {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Runs pmmux as a process of its own. */
async function pmmux(args: readonly string[], { flags = ["-A"], env = {}, cwd }: Run = {}) {
  const command = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--cached-only",
      ...flags,
      new URL("main.ts", root).pathname,
      ...args,
    ],
    env: { NO_COLOR: "1", ...env },
    ...(cwd && { cwd }),
  });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

async function temporaryDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

Deno.test("a right configuration: status 0, and what it comes to on stdout", async () => {
  const { code, out, err } = await pmmux(["check", "-b", "web:noop", "-p", "!:8080:tcp"], {
    env: { PMMUX__QUEUE_LENGTH: "7" },
  });
  assertEquals([code, err], [0, ""]);
  assertStringIncludes(out, "queue-length: 7  # environment PMMUX__QUEUE_LENGTH");
});

Deno.test("a wrong configuration: status 2, and every fault on stderr", async () => {
  for (const command of [["check"], ["run"], []]) {
    const { code, out, err } = await pmmux([...command, "-b", "web", "-q", "0"]);
    assertEquals([code, out], [2, ""]);
    assertStringIncludes(err, "pmmux: 2 errors\n");
  }
});

Deno.test("CLI-01 CLI-47 the file is found in the working directory, by an absolute path and by ../", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  await Deno.writeTextFile(`${path}/pmmux.toml`, "[pmmux]\nqueue-length = 7\n");
  await Deno.mkdir(`${path}/deeper`);
  for (
    const [args, cwd] of [
      [[], path],
      [["-c", `${path}/pmmux.toml`], "/"],
      [["-c", "../pmmux.toml"], `${path}/deeper`],
    ] as const
  ) {
    const { code, out } = await pmmux(["check", ...args], { cwd });
    assertEquals(code, 0);
    assertStringIncludes(out, "queue-length: 7");
  }
});

Deno.test("CLI-46 CLI-47 a file that is missing, a directory, unknown or malformed: status 2", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  await Deno.mkdir(`${path}/a.toml`);
  await Deno.writeTextFile(`${path}/b.ini`, "");
  await Deno.writeTextFile(`${path}/c.yaml`, "pmmux:\n  a: [");
  for (
    const [name, fault] of [
      ["missing.toml", "there is no such file"],
      ["a.toml", "it is a directory"],
      ["b.ini", "the name must end in .toml, .yaml, .yml, .json"],
      ["c.yaml", "line 3, column 1"],
    ] as const
  ) {
    const { code, err } = await pmmux(["check", "-c", `${path}/${name}`]);
    assertEquals(code, 2);
    assertStringIncludes(err, fault);
  }
});

Deno.test("checking needs no permission but to read the file, and that only for one that is named", async () => {
  await using directory = await temporaryDirectory();
  const file = `${directory.path}/a.toml`;
  await Deno.writeTextFile(file, '[pmmux]\nlog-directory = "{{env:WANTED}}"\n');
  assertEquals((await pmmux(["check"], { flags: [] })).code, 0);
  const flags = [`--allow-read=${file}`, "--allow-env=WANTED"];
  assertEquals(
    await pmmux(["check", "-c", file], { flags, env: { WANTED: "1" } }).then(({ code }) => code),
    0,
  );
  const { code, err } = await pmmux(["check", "-c", file], { flags: [] });
  assertEquals(code, 2);
  assertStringIncludes(err, "without permission to read it");
});

Deno.test({
  name: "help asks nobody for a permission that it could do without",
  permissions: "none",
  async fn(): Promise<void> {
    const { unasked } = processHost;
    assertEquals(unasked?.environment(["HOME"]), {});
    await assertRejects(() => unasked!.readTextFile("pmmux.toml"), Deno.errors.NotCapable, "Not permitted");
  },
});

Deno.test("help and version: status 0 without any permission", async () => {
  assertEquals((await pmmux(["--help"], { flags: [] })).code, 0);
  assertEquals((await pmmux(["--version"], { flags: [] })).code, 0);
});

Deno.test("a link that leads nowhere is not taken for a file that is not there", async () => {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/pmmux.toml`;
  await assertRejects(() => processHost.readTextFile(path), Deno.errors.NotFound);
  await Deno.symlink("elsewhere", path);
  await assertRejects(() => processHost.readTextFile(path), Error, "it is a link that leads nowhere");
  await Deno.remove(directory, { recursive: true });
});

Deno.test({
  name: "what is no regular file is not waited for",
  permissions: { read: ["/dev/null", "/"] },
  async fn() {
    await assertRejects(() => processHost.readTextFile("/dev/null"), Error, "it is not a regular file");
    await assertRejects(() => processHost.readTextFile("/"), Deno.errors.IsADirectory);
  },
});
