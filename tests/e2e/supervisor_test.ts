import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { Attempt } from "../fixtures/extensions/prober.ts";
import { exchange, readExactly, writeAll } from "../support/conversation.ts";
import { eventually } from "../support/eventually.ts";
import { countFds } from "../support/fds.ts";
import { accepts, freePort, freePorts } from "../support/ports.ts";
import { startEchoServer, startGreetingServer, startUdpEchoServer } from "../support/servers.ts";
import { type RunningPmmux, runPmmux, startPmmux } from "./pmmux.ts";
import { countListeningSockets, descendants, isAlive } from "./processes.ts";

const PROBER = new URL("../fixtures/extensions/prober.ts", import.meta.url).pathname;
const MAIN = new URL("../../main.ts", import.meta.url).pathname;
const LISTEN = ["-p", "!:?:tcp:bind-address=127.0.0.1"];

const target = (port: number) => `target.ip=127.0.0.1,target.port=${port}`;
const decoder = new TextDecoder();

/** What a server that speaks first says through pmmux. */
async function greeting(port: number): Promise<string> {
  return decoder.decode(await exchange(port, new Uint8Array()));
}

/** One exchange with a server that echoes. */
async function echo(connection: Deno.Conn): Promise<void> {
  const bytes = crypto.getRandomValues(new Uint8Array(64));
  await writeAll(connection, bytes);
  assertEquals(await readExactly(connection, bytes.length), bytes);
}

/** Waits until pmmux ends, having been told to. */
async function assertEndsSoundly(pmmux: RunningPmmux): Promise<void> {
  const status = await pmmux.status;
  await assertRejects(() => pmmux[Symbol.asyncDispose](), Error, "ended by itself");
  pmmux.assertSound(status);
}

function commandLineOf(pid: number): string[] {
  return Deno.readTextFileSync(`/proc/${pid}/cmdline`).split("\0");
}

function supervisorOf(pmmux: RunningPmmux): number {
  const [, parent] = /^PPid:\s+(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pmmux.enginePid}/status`)) ?? [];
  return Number(parent);
}

/** The engines that a supervisor has. */
function enginesOf(pmmux: RunningPmmux): number[] {
  return descendants(supervisorOf(pmmux)).filter((pid) => isAlive(pid) && countListeningSockets(pid) > 0);
}

/** A client that sends datagrams and waits for the answers. */
class Client implements Disposable {
  readonly #socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  async ask(text: string): Promise<string> {
    await this.#socket.send(new TextEncoder().encode(text), {
      transport: "udp",
      hostname: "127.0.0.1",
      port: this.#port,
    });
    const timer = setTimeout(() => this.#socket.close(), 5000);
    const [answer] = await this.#socket.receive();
    clearTimeout(timer);
    return decoder.decode(answer);
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

/** A configuration file that can be written anew. */
class ConfigFile implements AsyncDisposable {
  readonly path = `${Deno.makeTempDirSync()}/pmmux.yaml`;

  constructor(...lines: string[]) {
    this.write(...lines);
  }

  write(...lines: string[]): void {
    Deno.writeTextFileSync(this.path, ["pmmux:", ...lines.map((line) => `  ${line}`), ""].join("\n"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path.replace(/\/[^/]*$/, ""), { recursive: true });
  }
}

/** Makes pmmux read its configuration again, and waits until it says what came of it. */
async function reload(pmmux: RunningPmmux, message = "configuration applied"): Promise<void> {
  const before = pmmux.logged({ message }).length;
  pmmux.kill("SIGHUP");
  await pmmux.waitForLog({ message }, before + 1);
}

Deno.test("an engine is permitted exactly what pmmux permissions says", async () => {
  const port = freePort();
  const args = ["-b", `web:pass:${target(9)}`, "-p", `!:${port}:bind-address=127.0.0.1`];
  const { stdout } = await runPmmux(["permissions", "--format", "flags", ...args]);
  await using pmmux = await startPmmux(args);
  const flags = commandLineOf(pmmux.enginePid).filter((word) => /^-(A|-allow)/.test(word));
  assertEquals(flags, stdout.trim().split(" "));
  assertStringIncludes(flags.join(" "), "127.0.0.1:9");
});

Deno.test("with the flags that pmmux permissions shows it starts as its configuration file says", async () => {
  await using file = new ConfigFile("backends: ['rest:noop:priority={{env:NO_SUCH:-vip}}']");
  const { stdout } = await runPmmux(["permissions", "--format", "flags", "-c", file.path]);
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...stdout.trim().split(" "), MAIN, "check", "-c", file.path],
  }).output();
  assertEquals([code, decoder.decode(stderr)], [0, ""]);
});

Deno.test("an extension is refused everything that the configuration does not need", async () => {
  const logs = await Deno.makeTempDir();
  const [web, metrics] = [freePort(), freePort()];
  await using pmmux = await startPmmux([
    ...["-x", PROBER, "-b", "prober:prober:remote-ip=127.0.0.1", "-b", `web:pass:${target(web)}`],
    ...["-p", `!:${freePort()}:tcp:bind-address=127.0.0.1`, "--metrics-port", `${metrics}`, "-d", logs],
  ]);
  const attempts: Attempt[] = JSON.parse(await greeting(pmmux.port));
  assert(attempts.length >= 70, `only ${attempts.length} attempts`);
  assertEquals(attempts.filter(({ outcome }) => outcome !== "refused"), []);
  await Deno.remove(logs, { recursive: true });
});

Deno.test("an engine does not inherit secrets of the environment", async () => {
  await using pmmux = await startPmmux(["-b", "web:noop", ...LISTEN], { env: { TOP_SECRET: "x" } });
  const environment = Deno.readTextFileSync(`/proc/${pmmux.enginePid}/environ`);
  assert(!environment.includes("TOP_SECRET"));
  assertStringIncludes(environment, "NO_COLOR=1");
});

Deno.test("a crashed engine is started again, on the port it had", async () => {
  await using server = startGreetingServer("hello");
  await using pmmux = await startPmmux(["-b", `web:pass:${target(server.port)}`, ...LISTEN]);
  for (let crash = 1; crash <= 3; crash++) {
    const { enginePid } = pmmux;
    Deno.kill(enginePid, "SIGKILL");
    await pmmux.waitForLog({ message: "an engine has been started again" }, crash);
    assert(pmmux.enginePid !== enginePid);
    assertEquals(await greeting(pmmux.port), "hello");
  }
  const delays = pmmux.logged({ category: "supervisor", level: "error" }).map(({ delay }) => delay);
  assertEquals(delays, [100, 200, 400]);
});

Deno.test("an engine that dies while it takes over is started again, and pmmux can still be stopped", async () => {
  await using one = startGreetingServer("one");
  await using two = startGreetingServer("two");
  const lines = (
    port: number,
  ) => [`backends: ['web:pass:${target(port)}']`, `port-bindings: ['${LISTEN[1]}']`];
  await using file = new ConfigFile(...lines(one.port));
  await using pmmux = await startPmmux(["-c", file.path]);
  const old = pmmux.enginePid;
  const supervisor = supervisorOf(pmmux);
  file.write(...lines(two.port));
  Deno.kill(old, "SIGSTOP");
  pmmux.kill("SIGHUP");
  const heir = () => descendants(supervisor).find((pid) => pid !== old && countListeningSockets(pid) > 0);
  const pid = await eventually(heir, { what: "another engine" });
  // It tells the supervisor that it listens before it can be seen to have done so.
  await new Promise((resolve) => setTimeout(resolve, 300));
  Deno.kill(pid, "SIGKILL");
  await pmmux.waitForLog({ message: "an engine has ended unexpectedly: it is started again", pid });
  Deno.kill(old, "SIGCONT");
  await pmmux.waitForLog({ message: "configuration applied" });
  await pmmux.waitForLog({ message: "an engine has been started again" });
  assertEquals(await greeting(pmmux.port), "two");
});

Deno.test("a configuration that is impossible is refused also while an engine waits to be started again", async () => {
  await using server = startGreetingServer("hello");
  const lines = (address: string) => [
    `backends: ['web:pass:${target(server.port)}']`,
    `port-bindings: ['!:?:tcp:bind-address=${address}']`,
  ];
  await using file = new ConfigFile(...lines("127.0.0.1"));
  await using pmmux = await startPmmux(["-c", file.path]);
  const again = { message: "an engine has been started again" };
  // Each takes longer than the one before to be started again.
  for (let crash = 1; crash <= 3; crash++) {
    Deno.kill(pmmux.enginePid, "SIGKILL");
    await pmmux.waitForLog(again, crash);
  }
  file.write(...lines("192.0.2.1"));
  Deno.kill(pmmux.enginePid, "SIGKILL");
  await pmmux.waitForLog({ message: "an engine has ended unexpectedly: it is started again" }, 4);
  pmmux.kill("SIGHUP");
  const refused =
    "configuration not applied: Cannot listen on tcp 192.0.2.1:?: this host has no such address";
  await pmmux.waitForLog({ level: "error", message: refused });
  await pmmux.waitForLog(again, 4);
  assertEquals(await greeting(pmmux.port), "hello");
  file.write(...lines("127.0.0.1"), "max-connections: 9");
  await reload(pmmux);
  assertEquals(await greeting(pmmux.port), "hello");
});

Deno.test("an engine that has no supervisor any more ends", async () => {
  await using server = startEchoServer();
  // A supervisor that is killed leaves things behind.
  const leftovers = await Deno.makeTempDir();
  const args = ["-b", `web:pass:${target(server.port)}`, ...LISTEN];
  const pmmux = await startPmmux(args, { env: { TMPDIR: leftovers } });
  const { enginePid } = pmmux;
  using connection = await Deno.connect({ port: pmmux.port });
  await echo(connection);
  pmmux.kill("SIGKILL");
  await pmmux.status;
  await eventually(() => !isAlive(enginePid), { what: "the engine to end" });
  assertEquals(await accepts(pmmux.port), false);
  await assertRejects(() => pmmux[Symbol.asyncDispose](), Error, "ended by itself");
  await Deno.remove(leftovers, { recursive: true });
});

for (const mode of ["--supervisor", "--no-supervisor"]) {
  Deno.test(`${mode}: what makes a start impossible ends it with the same status and words`, async () => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    for (
      const [args, code, words] of [
        [
          ["-p", `!:${taken.addr.port}:tcp:bind-address=127.0.0.1`],
          1,
          "the port is taken by another program",
        ],
        [["-p", "!:?:tcp:bind-address=192.0.2.1"], 1, "this host has no such address"],
        [["-p", "!:?:tcp:bind-address=192.0.2.1", "-v", "none"], 1, "this host has no such address"],
        [["-d", "/proc/none"], 1, 'pmmux: Cannot keep logs in "/proc/none"'],
        [
          ["-b", "web:pass:target.ip=127.0.0.1"],
          2,
          'pmmux: 1 error\n  command line: backends[0]: Cannot use backend "web": target.port',
        ],
        [["-b", "web:pass:target.ip=127.0.0.1,target.port=1,nonsense=1"], 2, 'unknown parameter "nonsense"'],
        [["-q", "0"], 2, "pmmux: 1 error\n  command line: --queue-length"],
      ] as const
    ) {
      const result = await runPmmux([mode, ...args]);
      assertEquals([result.code, result.stdout], [code, ""], result.stderr);
      assertStringIncludes(result.stderr, words);
    }
  });

  Deno.test(`${mode}: SIGTERM lets connections finish, another ends them`, async () => {
    await using server = startEchoServer();
    const start = () => startPmmux([mode, "-b", `web:pass:${target(server.port)}`, ...LISTEN]);
    const patient = await start();
    using kept = await Deno.connect({ port: patient.port });
    await echo(kept);
    patient.kill("SIGTERM");
    await eventually(async () => !await accepts(patient.port), { what: "the port to close" });
    await echo(kept);
    kept.close();
    await assertEndsSoundly(patient);

    const hasty = await start();
    using cut = await Deno.connect({ port: hasty.port });
    await echo(cut);
    hasty.kill("SIGTERM");
    await eventually(async () => !await accepts(hasty.port), { what: "the port to close" });
    hasty.kill("SIGTERM");
    await assertEndsSoundly(hasty);
    assertEquals(await cut.read(new Uint8Array(1)).catch(() => null), null);
  });

  Deno.test(`${mode}: without permission to run programs, traffic is carried all the same`, async () => {
    const port = freePort();
    const main = new URL("../../main.ts", import.meta.url).pathname;
    const args = ["-b", "web:noop", "-p", `!:${port}:tcp:bind-address=127.0.0.1`, "-v", "debug", mode];
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--unstable-net", `--allow-net=127.0.0.1:${port}`, main, ...args],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    await eventually(() => accepts(port), { timeout: 15_000 });
    child.kill("SIGTERM");
    const { code, stderr } = await child.output();
    assertEquals(code, 0);
    assertEquals(decoder.decode(stderr).includes("there is no permission to run"), mode === "--supervisor");
  });
}

Deno.test("Ctrl-C in a terminal, which reaches the engine too, lets connections finish", async () => {
  await using server = startEchoServer();
  const pmmux = await startPmmux(["-b", `web:pass:${target(server.port)}`, ...LISTEN]);
  using connection = await Deno.connect({ port: pmmux.port });
  await echo(connection);
  Deno.kill(pmmux.enginePid, "SIGINT");
  pmmux.kill("SIGINT");
  await eventually(async () => !await accepts(pmmux.port), { what: "the port to close" });
  await echo(connection);
  connection.close();
  await assertEndsSoundly(pmmux);
});

Deno.test("a second pmmux on the same port is told that it is taken", async () => {
  await using first = await startPmmux(["-b", "web:noop", ...LISTEN]);
  const { code, stderr } = await runPmmux(["-p", `!:${first.port}:tcp:bind-address=127.0.0.1`]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "the port is taken by another program");
  assert(await accepts(first.port));
});

Deno.test("a reload onto the port of another pmmux is told that it is taken, whatever the engine may do", async () => {
  await using other = await startPmmux(["-b", "web:noop", ...LISTEN]);
  await using server = startGreetingServer("hello");
  const backends = `backends: ["web:pass:${target(server.port)}"]`;
  const own = `"!:${freePort()}:tcp:bind-address=127.0.0.1"`;
  // To answer clients over UDP, an engine is permitted every IPv4 address and port.
  for (const udp of ["", `, "!:${freePort("udp")}:udp:bind-address=127.0.0.1"`]) {
    await using file = new ConfigFile(backends, `port-bindings: [${own}${udp}]`);
    await using pmmux = await startPmmux(["-c", file.path]);
    file.write(backends, `port-bindings: [${own}${udp}, "!:${other.port}:tcp:bind-address=127.0.0.1"]`);
    pmmux.kill("SIGHUP");
    await pmmux.waitForLog({ level: "error", category: "supervisor" });
    for (let connection = 0; connection < 10; connection++) assertEquals(await greeting(other.port), "");
    assertEquals(await greeting(pmmux.port), "hello");
    pmmux.log.splice(0);
  }
});

Deno.test("several workers move on to metrics ports that others of them had", async () => {
  const lines = [
    `backends: ["web:noop"]`,
    `port-bindings: ["!:${freePort()}:tcp:bind-address=127.0.0.1", "!:${
      freePort("udp")
    }:udp:bind-address=127.0.0.1"]`,
    "workers: 2",
  ];
  const port = freePorts(3);
  await using file = new ConfigFile(...lines, `metrics-port: ${port}`);
  await using pmmux = await startPmmux(["-c", file.path]);
  file.write(...lines, `metrics-port: ${port + 1}`);
  await reload(pmmux);
  for (const it of [port + 1, port + 2]) {
    assertStringIncludes(await (await fetch(`http://127.0.0.1:${it}/metrics`)).text(), "pmmux_");
  }
});

Deno.test("a reload within the scope is applied in the running engine, and connections stay", async () => {
  await using server = startEchoServer();
  await using other = startGreetingServer("other");
  const port = freePort();
  const backends = (...specs: string[]) => `backends: ${JSON.stringify(specs)}`;
  const bindings = `port-bindings: ["!:${port}:tcp:bind-address=127.0.0.1"]`;
  const [web, more] = [`web:pass:${target(server.port)}`, `more:pass:remote-port=1,${target(other.port)}`];
  await using file = new ConfigFile(backends(web, more), bindings);
  await using pmmux = await startPmmux(["-c", file.path]);
  const { enginePid } = pmmux;
  using connection = await Deno.connect({ port });
  await echo(connection);

  file.write(backends(web), bindings);
  await reload(pmmux);
  await echo(connection);
  file.write(backends(`other:pass:${target(other.port)}`, web), bindings);
  await reload(pmmux);
  assertEquals(await greeting(port), "other");
  await echo(connection);
  assertEquals(pmmux.enginePid, enginePid);
});

Deno.test("a reload beyond the scope makes a new engine take over, and the old one carries on what it has", async () => {
  await using server = startEchoServer();
  await using other = startGreetingServer("other");
  const [port, metrics] = [freePort(), freePort()];
  const common = [
    `port-bindings: ["!:${port}:tcp:bind-address=127.0.0.1"]`,
    `metrics-port: ${metrics}`,
    "drain-timeout: 60000",
  ];
  await using file = new ConfigFile(`backends: ["web:pass:${target(server.port)}"]`, ...common);
  await using pmmux = await startPmmux(["-c", file.path]);
  const { enginePid } = pmmux;
  using connection = await Deno.connect({ port });
  await echo(connection);

  file.write(`backends: ["other:pass:${target(other.port)}"]`, ...common);
  await reload(pmmux);
  assertEquals(await greeting(port), "other");
  assertStringIncludes(await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text(), "pmmux_");
  await echo(connection);
  assert(isAlive(enginePid));
  connection.close();
  await eventually(() => !isAlive(enginePid), { what: "the old engine to end" });
  assert(commandLineOf(pmmux.enginePid).some((word) => word.includes(`127.0.0.1:${other.port}`)));
});

Deno.test("datagrams reach the engine that has taken over", async () => {
  await using server = startUdpEchoServer();
  const port = freePort();
  const backends = (path: string) =>
    `backends: ["web:pass:${target(server.port)}", "db:pass:target.path=${path}"]`;
  const bindings = `port-bindings: ["!:${port}:bind-address=127.0.0.1"]`;
  await using file = new ConfigFile(backends("/run/a.sock"), bindings);
  await using pmmux = await startPmmux(["-c", file.path]);
  using client = new Client(port);
  assertEquals(await client.ask("before"), "before");
  file.write(backends("/run/b.sock"), bindings);
  await reload(pmmux);
  assertEquals(await client.ask("after"), "after");
  assert(commandLineOf(pmmux.enginePid).some((word) => word.includes("/run/b.sock")));
});

Deno.test("a reload that is impossible changes nothing", async () => {
  await using server = startGreetingServer("hello");
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = freePort();
  const backends = `backends: ["web:pass:${target(server.port)}"]`;
  const binding = (port: number) => `"!:${port}:tcp:bind-address=127.0.0.1"`;
  await using file = new ConfigFile(backends, `port-bindings: [${binding(port)}]`);
  await using pmmux = await startPmmux(["-c", file.path]);
  const { enginePid } = pmmux;
  for (
    const [lines, problem] of [
      [[`backends: ["web:pas"]`], 'Unknown backend protocol "pas"'],
      [[`backends: ["web:pass:${target(1)},nonsense=1"]`], 'unknown parameter "nonsense"'],
      [["queue-length: none"], "is not a whole number"],
      [[backends, `port-bindings: [${binding(port)}, ${binding(taken.addr.port)}]`], "the port is taken"],
      [
        [backends, `port-bindings: [${binding(port)}]`, `metrics-port: ${taken.addr.port}`],
        "the port is taken",
      ],
    ] as const
  ) {
    const before = pmmux.log.length;
    file.write(...lines);
    pmmux.kill("SIGHUP");
    await eventually(() => pmmux.log.slice(before).some(({ message }) => message.includes(problem)), {
      what: problem,
    });
    assertEquals(await greeting(port), "hello");
  }
  // The engine that could not take over has logged why; that is no fault of the one that runs.
  pmmux.log.splice(0, pmmux.log.length, ...pmmux.log.filter(({ level }) => level !== "critical"));
  file.write(backends, `port-bindings: [${binding(port)}]`);
  await reload(pmmux);
  assertEquals(pmmux.enginePid, enginePid);
});

Deno.test("engine after engine takes over under traffic, and nothing is lost or left behind", async () => {
  await using server = startEchoServer();
  const port = freePort();
  const write = (turn: number) =>
    file.write(
      `backends: ["web:pass:${target(server.port)}", "db:pass:target.path=/run/${turn}.sock"]`,
      `port-bindings: ["!:${port}:tcp:bind-address=127.0.0.1"]`,
    );
  await using file = new ConfigFile();
  write(0);
  await using pmmux = await startPmmux(["-c", file.path]);
  const supervisor = supervisorOf(pmmux);
  using kept = await Deno.connect({ port });
  let [running, exchanges] = [true, 0];
  const traffic = (async () => {
    while (running) {
      using connection = await Deno.connect({ port });
      await echo(connection);
      await echo(kept);
      exchanges++;
    }
  })();
  const fds: number[] = [];
  for (let turn = 1; turn <= 6; turn++) {
    write(turn);
    await pmmux.explain(() => reload(pmmux));
    fds.push(countFds(supervisor));
    await eventually(() => exchanges > turn * 2);
  }
  running = false;
  await traffic;
  kept.close();
  await eventually(() => countFds(supervisor) <= fds[0]!, { what: `descriptors to fall to ${fds[0]}` });
});

Deno.test("several workers share the port, and one that crashes is started again", async () => {
  await using server = startGreetingServer("hello");
  await using datagrams = startUdpEchoServer();
  await using pmmux = await startPmmux([
    ...["-b", `udp:pass:payload=ping,${target(datagrams.port)}`, "-b", `web:pass:${target(server.port)}`],
    ...["-p", "!:?:bind-address=127.0.0.1", "--workers", "3"],
  ]);
  await eventually(() => enginesOf(pmmux).length === 3, { what: "three engines" });
  for (const pid of enginesOf(pmmux)) {
    Deno.kill(pid, "SIGKILL");
  }
  await pmmux.waitForLog({ message: "an engine has been started again" }, 3);
  for (let i = 0; i < 20; i++) assertEquals(await greeting(pmmux.port), "hello");
  using client = new Client(pmmux.ports[1]!);
  assertEquals(await client.ask("ping"), "ping");
});

Deno.test("what a run has used is what pmmux permissions declares", async () => {
  const directory = await Deno.makeTempDir();
  await using server = startEchoServer();
  await using datagrams = startUdpEchoServer();
  const [record, port, udp, metrics] = [`${directory}/used.jsonl`, freePort(), freePort("udp"), freePort()];
  const args = [
    ...["-b", `udp:pass:remote-ip=127.0.0.1,local-port=${udp},${target(datagrams.port)}`],
    ...["-b", `web:pass:remote-ip=127.0.0.1,target.host=localhost,target.port=${server.port}`],
    ...["-p", `!:${port}:tcp:bind-address=127.0.0.1`, "-p", `!:${udp}:udp:bind-address=127.0.0.1`],
    ...["--log-directory", `${directory}/logs`, "--metrics-port", `${metrics}`],
  ];
  const pmmux = await startPmmux(args, { env: { DENO_AUDIT_PERMISSIONS: record } });
  using connection = await Deno.connect({ port });
  await echo(connection);
  connection.close();
  using client = new Client(udp);
  assertEquals(await client.ask("hello"), "hello");
  pmmux.kill("SIGTERM");
  await assertEndsSoundly(pmmux);
  const { code, stdout } = await runPmmux(["permissions", "--audit", `${record}.engine1`, ...args]);
  assertEquals(code, 0, stdout);
  // The target that has a name got no datagrams, and might have.
  const [title, ...unused] = stdout.trimEnd().split("\n");
  assertEquals(title, "declared, but never used");
  assertEquals(unused.filter((line) => !line.includes("backend web: ")), []);
  await Deno.remove(directory, { recursive: true });
});
