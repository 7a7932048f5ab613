import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import manifest from "../../deno.json" with { type: "json" };
import { exchange, readExactly, writeAll } from "../support/conversation.ts";
import { eventually } from "../support/eventually.ts";
import { accepts, freePort } from "../support/ports.ts";
import { type RunningPmmux, runPmmux, startPmmux } from "./pmmux.ts";
import { descendants, isAlive } from "./processes.ts";

const ECHO = new URL("../../docs/examples/echo.ts", import.meta.url).pathname;
const ATTEMPTS = new URL("../fixtures/guests/attempts.ts", import.meta.url).pathname;
const ROOT = new URL("../../", import.meta.url).pathname;
const decoder = new TextDecoder();

/** The guests of a supervisor: the processes that run neither the supervisor nor an engine. */
function guestsOf(pmmux: RunningPmmux): number[] {
  const [, supervisor] = /^PPid:\s+(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pmmux.enginePid}/status`)) ??
    [];
  return descendants(Number(supervisor)).filter((pid) =>
    isAlive(pid) && commandLineOf(pid).includes("guest_main.ts")
  );
}

function commandLineOf(pid: number): string {
  return Deno.readTextFileSync(`/proc/${pid}/cmdline`).replaceAll("\0", " ");
}

/** The directory that a process has as Deno's cache. */
function cacheOf(pid: number): string {
  const [, directory] = /(?:^|\0)DENO_DIR=([^\0]*)/.exec(Deno.readTextFileSync(`/proc/${pid}/environ`)) ?? [];
  return directory!;
}

/** What the guest of a running pmmux greets with. */
async function greeting(port: number, length: number): Promise<string> {
  using connection = await Deno.connect({ port });
  await writeAll(connection, new TextEncoder().encode("!"));
  return decoder.decode(await readExactly(connection, length + 1));
}

function socketsOf(pmmux: RunningPmmux): string {
  const [, directory] = /unix:(\/[^ ,]*)\/\w+\.sock/.exec(commandLineOf(pmmux.enginePid)) ?? [];
  return directory!;
}

Deno.test("a guest is a process that has what its line grants, and its engine may run nothing", async () => {
  await using pmmux = await startPmmux([
    ...[
      "-b",
      `echo:${ECHO}:prefix=hello,net="127.0.0.1:9"`,
      "-p",
      `!:${freePort()}:tcp:bind-address=127.0.0.1`,
    ],
  ]);
  assertEquals(await greeting(pmmux.port, 5), "hello!");
  const [guest, ...others] = guestsOf(pmmux);
  assertEquals(others, []);
  const socket = `${socketsOf(pmmux)}/echo.sock`;
  const flags = commandLineOf(guest!).split(" ").filter((word) => word.startsWith("--allow"));
  assertEquals(flags, [
    `--allow-net=127.0.0.1:9,unix:${socket}`,
    `--allow-read=${ECHO},${socket}`,
    `--allow-write=${socket}`,
  ]);
  const engine = commandLineOf(pmmux.enginePid);
  assertStringIncludes(engine, `unix:${socket}`);
  assert(!/--allow-(run|all|env|ffi)| -A /.test(engine), engine);
  assertEquals(Deno.statSync(socketsOf(pmmux)).mode! & 0o777, 0o700);
  assertEquals([...Deno.readDirSync(socketsOf(pmmux))], []);
});

Deno.test("a guest that dies is started again, through the supervisor", async () => {
  await using pmmux = await startPmmux([
    "-b",
    `echo:${ECHO}:prefix=hello`,
    "-p",
    "!:?:tcp:bind-address=127.0.0.1",
  ]);
  const [guest] = guestsOf(pmmux);
  Deno.kill(guest!, "SIGKILL");
  await pmmux.waitForLog({ message: "guest runs again" });
  assertEquals(await greeting(pmmux.port, 5), "hello!");
});

Deno.test("guests end with their engine, and their directory goes with them", async () => {
  const pmmux = await startPmmux(["-b", `echo:${ECHO}`, "-p", "!:?:tcp:bind-address=127.0.0.1"]);
  const guests = guestsOf(pmmux);
  const directories = [socketsOf(pmmux), ...[...guests, pmmux.enginePid].map(cacheOf)];
  assertEquals(guests.length, 1);
  pmmux.kill("SIGTERM");
  await pmmux.status;
  await assertRejects(() => pmmux[Symbol.asyncDispose](), Error, "ended by itself");
  assertEquals(guests.filter(isAlive), []);
  for (const gone of directories) await assertRejects(() => Deno.stat(gone), Deno.errors.NotFound);
});

Deno.test("guests end when the supervisor is killed", async () => {
  const pmmux = await startPmmux(["-b", `echo:${ECHO}`, "-p", "!:?:tcp:bind-address=127.0.0.1"]);
  const processes = [...guestsOf(pmmux), pmmux.enginePid];
  const directories = [socketsOf(pmmux), ...processes.map(cacheOf)];
  pmmux.kill("SIGKILL");
  await eventually(() => !processes.some(isAlive), { what: "engine and guest to end" });
  await assertRejects(() => pmmux[Symbol.asyncDispose](), Error, "ended by itself");
  for (const directory of directories) await Deno.remove(directory, { recursive: true });
});

Deno.test("a reload that adds a guest makes an engine take over that may meet it", async () => {
  const directory = await Deno.makeTempDir();
  const [file, port] = [`${directory}/pmmux.yaml`, freePort()];
  const write = (backend: string) =>
    Deno.writeTextFile(
      file,
      `pmmux:\n  backends: ["${backend}"]\n  port-bindings: ["!:${port}:tcp:bind-address=127.0.0.1"]\n`,
    );
  await write("nobody:noop");
  await using pmmux = await startPmmux(["-c", file]);
  await write(`echo:${ECHO}:prefix=hello`);
  pmmux.kill("SIGHUP");
  await pmmux.waitForLog({ message: "configuration applied" });
  assertEquals(await greeting(port, 5), "hello!");
  // Another one of the same name, within the same scope: the running engine starts it.
  const { enginePid } = pmmux;
  await write(`echo:${ECHO}:prefix=again`);
  pmmux.kill("SIGHUP");
  await pmmux.waitForLog({ message: "configuration applied" }, 2);
  assertEquals(await greeting(port, 5), "again!");
  assertEquals(pmmux.enginePid, enginePid);
  await Deno.remove(directory, { recursive: true });
});

Deno.test("a guest that cannot be started ends the start, and says why", async () => {
  const attempt = startPmmux(["-b", "echo:/nowhere/echo.ts", "-p", "!:?:tcp:bind-address=127.0.0.1"]);
  const { message } = await assertRejects(() => attempt, Error, 'Cannot use backend "echo"');
  assertStringIncludes(message, "/nowhere/echo.ts");
});

Deno.test("a task of deno.json starts a guest, with what the task grants", async () => {
  await using pmmux = await startPmmux(
    [
      "-b",
      'echo:./docs/examples/echo.ts:prefix=hello,isolation="task:guest:echo"',
      "-p",
      "!:?:tcp:bind-address=127.0.0.1",
    ],
    { cwd: ROOT },
  );
  assertEquals(await greeting(pmmux.port, 5), "hello!");
  const [guest] = guestsOf(pmmux).filter((pid) => commandLineOf(pid).includes("--allow-net"));
  assertStringIncludes(commandLineOf(guest!), "--allow-read=docs/examples/echo.ts,");
});

Deno.test("the task that pmmux permissions writes starts a guest of a user's own directory", async () => {
  const cwd = await Deno.makeTempDir();
  await Deno.copyFile(ECHO, `${cwd}/echo.ts`);
  const backend = 'echo:./echo.ts:prefix=mine,isolation="task:guest:echo"';
  const args = ["-b", backend, "-p", "!:?:tcp:bind-address=127.0.0.1"];
  const missing = await assertRejects(() => startPmmux(args, { cwd }), Error, "couldn't find deno.json");
  assertStringIncludes(missing.message, "pmmux permissions --format deno.json writes such a task");
  const { stdout } = await runPmmux(["permissions", "--format", "deno.json", ...args], { cwd });
  await Deno.writeTextFile(`${cwd}/deno.json`, stdout);
  await using pmmux = await startPmmux(args, { cwd });
  assertEquals(await greeting(pmmux.port, 4), "mine!");
  Deno.kill(guestsOf(pmmux).at(-1)!, "SIGKILL");
  await pmmux.waitForLog({ message: "guest runs again" });
  assertEquals(await greeting(pmmux.port, 4), "mine!");
  await Deno.remove(cwd, { recursive: true });
});

for (const isolation of ["process", "worker"]) {
  Deno.test(`isolation=${isolation}: a guest that may write nothing can keep nothing`, async () => {
    await using pmmux = await startPmmux([
      ...["-b", `hostile:${ATTEMPTS}:guest-timeout=5000,passive-failures=0,isolation=${isolation}`],
      ...["-p", "!:?:tcp:bind-address=127.0.0.1"],
    ]);
    const names = ["localStorage", "a cache", "a cache, in a Worker", "a cache, in a thread"];
    for (const name of names) {
      const told = await exchange(pmmux.port, new TextEncoder().encode(`keep something in ${name}\n`));
      assertEquals(decoder.decode(told), "", name);
    }
    assert(pmmux.logged({ message: "backend could not be reached" }).length > 0);
  });
}

Deno.test("a Worker that wants a package does not keep the engine from starting another guest", async () => {
  const directory = await Deno.makeTempDir();
  const [file, port] = [`${directory}/pmmux.yaml`, freePort()];
  const module = new URL("../fixtures/guests/package_import.ts", import.meta.url).pathname;
  const write = (...backends: string[]) =>
    Deno.writeTextFile(
      file,
      `pmmux:\n  backends: ${JSON.stringify(backends)}\n` +
        `  port-bindings: ["!:${port}:tcp:bind-address=127.0.0.1"]\n`,
    );
  const wanting = `wanting:${module}:isolation=worker`;
  await write(wanting);
  await using pmmux = await startPmmux(["-c", file]);
  const { enginePid } = pmmux;
  await exchange(port, new TextEncoder().encode("!"));
  await pmmux.waitForLog({ message: "has tried to import a package" });
  await write(wanting, `another:${module}:isolation=worker`);
  pmmux.kill("SIGHUP");
  await pmmux.waitForLog({ message: "configuration applied" });
  assertEquals(pmmux.enginePid, enginePid);
  await Deno.remove(directory, { recursive: true });
});

Deno.test("a supervisor with a permission set of its own starts engines and guests", async () => {
  const port = freePort();
  const { command } = manifest.tasks["start:confined"];
  const args = [
    "-b",
    `echo:${ECHO}:prefix=hello`,
    "-p",
    `!:${port}:tcp:bind-address=127.0.0.1`,
    "-v",
    "debug",
  ];
  const child = new Deno.Command(Deno.execPath(), {
    args: [...command.split(" ").slice(1), ...args],
    cwd: ROOT,
    env: { TMPDIR: "/tmp" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  await eventually(() => accepts(port), { timeout: 15_000 });
  assertEquals(await greeting(port, 5), "hello!");
  child.kill("SIGTERM");
  const { code, stderr } = await child.output();
  assertEquals([code, decoder.decode(stderr).includes("carried in this process")], [0, false]);
});
