import { assert, assertEquals } from "@std/assert";
import { exchange, readAll, readExactly, writeAll } from "../support/conversation.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/ports.ts";
import { startEchoServer, startTcpServer } from "../support/servers.ts";
import { requireLab } from "./network_namespace.ts";
import { type RunningPmmux, startPmmux } from "./pmmux.ts";

const HELLO = new TextEncoder().encode("hello");
const LISTEN = ["-p", "!:?:tcp:bind-address=127.0.0.1"];
const ROUNDS = 20;

function backend(name: string, port: number, parameters = ""): string[] {
  return ["-b", `${name}:pass:target.ip=127.0.0.1,target.port=${port}${parameters}`];
}

/** Calls the body once to warm up, then so often, and demands that pmmux has nothing open that it had not before. */
async function repeat(
  pmmux: RunningPmmux,
  body: () => Promise<void>,
  { rounds = ROUNDS } = {},
): Promise<void> {
  await pmmux.explain(body);
  const before = await pmmux.settledFds();
  for (let round = 0; round < rounds; round++) await pmmux.explain(body);
  await eventually(() => pmmux.fds <= before, {
    what: `pmmux to have no more than ${before} descriptors open`,
  });
}

/** A port where connections are neither accepted nor refused: its queue is full. */
async function fillQueue(): Promise<{ readonly port: number } & AsyncDisposable> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 1 });
  const { port } = listener.addr;
  const waiting: Deno.Conn[] = [];
  const giveUp = new AbortController();
  const fill = async () => {
    for (;;) waiting.push(await Deno.connect({ hostname: "127.0.0.1", port, signal: giveUp.signal }));
  };
  const filling = fill().catch(() => {});
  let last = -1;
  await eventually(() => waiting.length > 0 && waiting.length === last || (last = waiting.length, false), {
    interval: 150,
  });
  return {
    port,
    async [Symbol.asyncDispose]() {
      giveUp.abort();
      await filling;
      for (const connection of waiting) connection.close();
      listener.close();
    },
  };
}

Deno.test("a target that refuses makes way for the next backend", async () => {
  await using echo = startEchoServer();
  await using pmmux = await startPmmux([
    ...backend("dead", freePort(), ",passive-failures=0"),
    ...backend("alive", echo.port),
    ...LISTEN,
  ]);
  await repeat(pmmux, async () => assertEquals(await exchange(pmmux.port, HELLO), HELLO));
  assertEquals(pmmux.logged({ message: "backend could not be reached" })[0]?.backend, "dead");
});

Deno.test("a target that refuses, and no other, ends the client's connection", async () => {
  await using pmmux = await startPmmux([...backend("dead", freePort()), ...LISTEN]);
  await repeat(pmmux, async () => {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: pmmux.port });
    assertEquals(await connection.read(new Uint8Array(1)), null);
  });
  const [line] = await pmmux.waitForLog({ message: "connection not routed" }, ROUNDS + 1);
  assertEquals(line!.reason, "no_backend_selected");
});

Deno.test("a target that does not answer makes way after the connect timeout, and delays nobody else", async () => {
  await using hole = await fillQueue();
  await using echo = startEchoServer();
  await using pmmux = await startPmmux([
    ...backend("hole", hole.port, ',payload="slow",passive-failures=0'),
    ...backend("alive", echo.port),
    ...["--connect-timeout", "1000"],
    ...LISTEN,
  ]);
  const slow = new TextEncoder().encode("slow");
  await repeat(pmmux, async () => {
    let hasSlowOne = false;
    const slowly = exchange(pmmux.port, slow).then((answer) => {
      hasSlowOne = true;
      return answer;
    });
    for (let i = 0; i < 10; i++) assertEquals(await exchange(pmmux.port, HELLO), HELLO);
    assert(!hasSlowOne, "ten exchanges with a living target took as long as one with a dead target");
    assertEquals(await slowly, slow);
  }, { rounds: 2 });
});

Deno.test("a target that resets in the middle of a stream ends only that connection", async () => {
  const asked = new Uint8Array(256 * 1024);
  // What was not read when a socket is closed makes the system reset the connection.
  await using target = startTcpServer(async (connection) => {
    await readExactly(connection, 1);
    await writeAll(connection, HELLO);
  });
  await using echo = startEchoServer();
  await using pmmux = await startPmmux([
    ...backend("brittle", target.port, ',payload-hex="0000",passive-failures=0'),
    ...backend("alive", echo.port),
    ...LISTEN,
  ]);
  await using other = await Deno.connect({ hostname: "127.0.0.1", port: pmmux.port });
  await repeat(pmmux, async () => {
    await exchange(pmmux.port, asked).catch((error) => assert(isBroken(error), error));
    await writeAll(other, HELLO);
    assertEquals(await readExactly(other, HELLO.length), HELLO);
  });
  const ends = pmmux.logged({ message: "connection closed", backend: "brittle" }).map(({ end }) => end);
  assert(ends.includes("backend reset"), `connections ended with ${JSON.stringify([...new Set(ends)])}`);
});

Deno.test("what a target says before it closes reaches a client that goes on talking", async () => {
  await using target = startTcpServer((connection) => writeAll(connection, HELLO));
  await using pmmux = await startPmmux([...backend("brief", target.port), ...LISTEN]);
  const listenAndTalk = async () => {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: pmmux.port });
    assertEquals(await readAll(connection), HELLO);
    const write = () => connection.write(HELLO).then(() => false as const, isBroken);
    assert(await eventually(write, { what: "the client to be told that nobody takes what it says" }));
  };
  await repeat(pmmux, async () => void await Promise.all(Array.from({ length: ROUNDS }, listenAndTalk)), {
    rounds: 1,
  });
});

/** True for what reading and writing throw when the other side has given up. */
function isBroken(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe;
}

Deno.test("a target that does not close after its clients keeps nothing open", async () => {
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  await using deaf = startTcpServer(() => over);
  using _over = { [Symbol.dispose]: end };
  await using pmmux = await startPmmux([
    ...backend("deaf", deaf.port),
    ...["--half-close-timeout", "500"],
    ...LISTEN,
  ]);
  const call = async () => {
    const before = deaf.accepted;
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: pmmux.port });
    await writeAll(connection, HELLO);
    await eventually(() => deaf.accepted > before, { what: "the target to get the connection" });
  };
  await repeat(pmmux, call);
  const [line] = await pmmux.waitForLog({ message: "connection closed" }, ROUNDS + 1);
  assertEquals(line!.end, "half-close timeout");
});

Deno.test({
  name: "clients of a target whose name server does not answer delay nobody, nor the end of pmmux",
  ...requireLab("unshare", "mount"),
  async fn() {
    await using server = await silentNameServer();
    await using echo = startEchoServer();
    await using pmmux = await startPmmux([
      ...["-b", `lost:pass:target.host=lost.test,target.port=${echo.port},payload="lost",passive-failures=0`],
      ...["-b", `named:pass:target.host=localhost,target.port=${echo.port},payload="hello"`],
      ...["--connect-timeout", "1000"],
      ...LISTEN,
    ], { through: server.through });
    const lost = Array.from({ length: 100 }, () => exchange(pmmux.port, new TextEncoder().encode("lost")));
    await pmmux.waitForLog({ reason: "no_backend_selected" }, lost.length);
    await Promise.allSettled(lost);
    assertEquals(await pmmux.explain(() => exchange(pmmux.port, HELLO)), HELLO);
    assertEquals((await pmmux.waitForLog({ message: "connection closed" })).map(({ backend }) => backend), [
      "named",
    ]);
    const began = performance.now();
    await pmmux.stop();
    assert(performance.now() - began < 4000, "pmmux did not hear that it is to end");
  },
});

/** A name server that never answers, and the program through which others ask it and no other. */
async function silentNameServer(): Promise<AsyncDisposable & { readonly through: readonly string[] }> {
  const hostname = "127.9.9.9";
  const socket = Deno.listenDatagram({ transport: "udp", hostname, port: 53 });
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, `nameserver ${hostname}\n`);
  const script = `mount --make-rprivate / && mount --bind ${file} /etc/resolv.conf && exec "$@"`;
  return {
    through: ["unshare", "--mount", "sh", "-c", script, "sh"],
    async [Symbol.asyncDispose]() {
      socket.close();
      await Deno.remove(file);
    },
  };
}
