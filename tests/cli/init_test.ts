import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/ports.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;
const FILES = ["backends/hello.ts", "backends/hello_test.ts", "deno.json", "pmmux.yaml"];

interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function deno(args: readonly string[], cwd: string): Promise<Result> {
  const command = new Deno.Command(Deno.execPath(), { args: [...args], cwd, env: { NO_COLOR: "1" } });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

const init = (cwd: string, ...args: string[]) => deno(["run", "-A", MAIN, "init", ...args], cwd);

async function temporaryDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

Deno.test("init: a project of which every task does what it says", async () => {
  await using directory = await temporaryDirectory();
  const project = `${directory.path}/mine`;
  const { code, out } = await init(directory.path, "mine/");
  assertEquals(code, 0);
  assertStringIncludes(out, "deno task pmmux");
  for (const name of FILES) assert((await Deno.stat(`${project}/${name}`)).isFile);

  const test = await deno(["task", "test"], project);
  assertEquals(test.code, 0, test.err);
  assertStringIncludes(test.out, "1 passed");
  const check = await deno(["task", "check"], project);
  assertEquals(check.code, 0, check.err);
  assertStringIncludes(check.out, "hello:./backends/hello.ts:greeting=Hello");
  const permissions = await deno(["task", "permissions"], project);
  assertStringIncludes(permissions.out, "guest hello (isolation=process)");
  assertStringIncludes(permissions.out, `${project}/backends/hello.ts`);
});

Deno.test("init: the project runs, its backend as a guest or as the task that it comes with", async () => {
  await using directory = await temporaryDirectory();
  await init(directory.path, ".");
  for (const isolation of ["process", '"task:guest:hello"']) {
    const port = freePort();
    const args = [
      ...["-b", `hello:./backends/hello.ts:greeting=Hi,isolation=${isolation}`],
      ...["-p", `!:${port}:tcp:bind-address=127.0.0.1`],
    ];
    await using child = new Deno.Command(Deno.execPath(), {
      args: ["task", "pmmux", ...args],
      cwd: directory.path,
      env: { TMPDIR: "/tmp" },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const text = await eventually(() => read(port), { timeout: 20_000, interval: 100 });
    assertEquals(text, "Hi, 127.0.0.1!\n");
    child.kill("SIGTERM");
    await child.status;
  }
});

Deno.test("init: nothing is written over, and nothing beside it", async () => {
  await using directory = await temporaryDirectory();
  await Deno.writeTextFile(`${directory.path}/pmmux.yaml`, "mine");
  const { code, err } = await init(directory.path, directory.path);
  assertEquals(code, 1);
  assertStringIncludes(err, "nothing written, because it is there already: pmmux.yaml");
  assertEquals([...Deno.readDirSync(directory.path)].map(({ name }) => name), ["pmmux.yaml"]);
  assertEquals(await Deno.readTextFile(`${directory.path}/pmmux.yaml`), "mine");
});

Deno.test("init: no directory, or two: status 2", async () => {
  assertEquals((await init("/tmp")).code, 2);
  assertEquals((await init("/tmp", "a", "b")).code, 2);
});

async function read(port: number): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  return await new Response(connection.readable).text();
}
