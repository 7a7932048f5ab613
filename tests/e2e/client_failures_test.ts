import { assert, assertEquals, assertLess } from "@std/assert";
import { exchange, readAll, readExactly, writeAll } from "../support/conversation.ts";
import { eventually } from "../support/eventually.ts";
import { requireProgram } from "../support/find_program.ts";
import {
  startEchoServer,
  startGreetingServer,
  startUdpEchoServer,
  type TestServer,
} from "../support/servers.ts";
import { slowdown } from "./latency.ts";
import { startPmmux } from "./pmmux.ts";
import { descriptorLimit } from "./processes.ts";

const HELLO = new TextEncoder().encode("hello");
const LISTEN = ["-p", "!:?:tcp:bind-address=127.0.0.1"];
const MEBIBYTE = 1024 * 1024;

function backend(name: string, { port }: TestServer, parameters = ""): string[] {
  return ["-b", `${name}:pass:target.ip=127.0.0.1,target.port=${port}${parameters}`];
}

/** So many connections that are closed together. */
async function connectMany(
  port: number,
  count: number,
): Promise<{ connections: Deno.TcpConn[] } & AsyncDisposable> {
  const connections: Deno.TcpConn[] = [];
  for (let i = 0; i < count; i++) connections.push(await Deno.connect({ hostname: "127.0.0.1", port }));
  return {
    connections,
    [Symbol.asyncDispose]() {
      for (const connection of connections) connection.close();
      return Promise.resolve();
    },
  };
}

Deno.test("clients that say nothing get the server that speaks first, and delay nobody", async () => {
  await using greeting = startGreetingServer("220 welcome");
  await using echo = startEchoServer();
  await using pmmux = await startPmmux([
    ...backend("echo", echo, ',payload="probe"'),
    ...backend("mail", greeting),
    ...["--silence-timeout", "1500", "--queue-length", "1000"],
    ...LISTEN,
  ]);
  const fds = await pmmux.settledFds();
  const factor = await slowdown(pmmux.port, () => connectMany(pmmux.port, 400));
  assertLess(factor, 2);
  await eventually(() => pmmux.fds <= fds, { what: "pmmux to close what it had open" });
  await using silent = await connectMany(pmmux.port, 20);
  for (const connection of silent.connections) {
    assertEquals(new TextDecoder().decode(await readExactly(connection, 11)), "220 welcome");
  }
});

Deno.test("a client that sends one byte a second is handed to the fallback with every byte it sent", async () => {
  await using web = startGreetingServer("web");
  await using echo = startEchoServer();
  await using pmmux = await startPmmux([
    ...backend("web", web, ",http.host=web.test"),
    ...backend("echo", echo, ",priority=fallback"),
    ...["--selection-timeout", "2500"],
    ...LISTEN,
  ]);
  const request = new TextEncoder().encode("GET ");
  using slow = await Deno.connect({ hostname: "127.0.0.1", port: pmmux.port });
  for (const byte of request) {
    await writeAll(slow, Uint8Array.of(byte));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    assertEquals(await exchange(pmmux.port, HELLO), HELLO);
  }
  await slow.closeWrite();
  assertEquals(await readAll(slow), request);
});

Deno.test("clients that send without reading are held back, in bounded memory, and delay nobody", async () => {
  const floods = 10;
  await using echo = startEchoServer();
  await using pmmux = await startPmmux([...backend("echo", echo), ...LISTEN]);
  await exchange(pmmux.port, HELLO);
  const before = pmmux.memory;
  await using flood = await connectMany(pmmux.port, floods);
  const chunk = new Uint8Array(256 * 1024);
  let sent = 0;
  let changed = performance.now();
  const sending = flood.connections.map(async (connection) => {
    try {
      for (;;) {
        const count = await connection.write(chunk);
        sent += count;
        changed = performance.now();
      }
    } catch {
      // Closed at the end of the test.
    }
  });
  await eventually(() => performance.now() - changed > 500, {
    timeout: 20_000,
    what: "the clients to be held back",
  });
  assertEquals(await exchange(pmmux.port, HELLO), HELLO);
  assertLess(pmmux.memory - before, 48 * MEBIBYTE, `after ${sent} bytes of ${floods} clients`);
  await flood[Symbol.asyncDispose]();
  flood.connections.length = 0;
  await Promise.all(sending);
});

Deno.test("5,000 idle connections cost two descriptors and little memory each, and delay nobody", async () => {
  // This process has both ends, pmmux the two in between.
  const count = Math.min(5000, Math.floor((descriptorLimit() - 200) / 2));
  await using echo = startEchoServer();
  await using pmmux = await startPmmux([
    ...backend("echo", echo),
    ...["--max-connections-per-client", "10000", "--queue-length", "4096"],
    ...LISTEN,
  ]);
  const factor = await slowdown(pmmux.port, async () => {
    const [fds, memory] = [await pmmux.settledFds(), pmmux.memory];
    const idle = await connectMany(pmmux.port, count);
    await eventually(() => echo.open === count, { timeout: 20_000, what: "every connection to arrive" });
    assertEquals(pmmux.fds - fds, 2 * count);
    assertLess((pmmux.memory - memory) / count, 40 * 1024, `bytes for each of ${count} connections`);
    return idle;
  });
  assertLess(factor, 2);
  await eventually(() => pmmux.fds < 100, { timeout: 20_000, what: "pmmux to close what it had open" });
  assertEquals(await exchange(pmmux.port, HELLO), HELLO);
});

Deno.test({
  name: "without descriptors for more, connections wait, those that are open go on, and others follow later",
  ...requireProgram("prlimit"),
  async fn() {
    await using echo = startEchoServer();
    await using pmmux = await startPmmux([...backend("echo", echo), ...LISTEN], {
      through: ["prlimit", "--nofile=160"],
    });
    using early = await Deno.connect({ hostname: "127.0.0.1", port: pmmux.port });
    await writeAll(early, HELLO);
    assertEquals(await readExactly(early, HELLO.length), HELLO);
    const before = pmmux.fds;
    {
      await using many = await connectMany(pmmux.port, 150);
      await pmmux.waitForLog({ message: "cannot accept" });
      await writeAll(early, HELLO);
      assertEquals(await readExactly(early, HELLO.length), HELLO);
      assert(many.connections.length > 0);
    }
    await eventually(() => pmmux.fds <= before, { what: "pmmux to close what it had open" });
    assertEquals(await exchange(pmmux.port, HELLO), HELLO);
  },
});

Deno.test({
  name: "without descriptors for more connections, idle sessions make room for them",
  ...requireProgram("prlimit"),
  async fn() {
    await using echo = startEchoServer();
    await using datagrams = startUdpEchoServer();
    const args = [
      ...["-b", `echo:pass:property[socket.protocol-type]=tcp,target.ip=127.0.0.1,target.port=${echo.port}`],
      ...["-b", `udp:pass:target.ip=127.0.0.1,target.port=${datagrams.port}`],
      ...["-p", "!:?:tcp:bind-address=127.0.0.1", "-p", "!:?:udp:bind-address=127.0.0.1"],
    ];
    await using pmmux = await startPmmux(args, { through: ["prlimit", "--nofile=160"] });
    const [port, to] = [pmmux.ports[0]!, pmmux.ports[1]!];
    const before = pmmux.fds;
    const clients = Array.from(
      { length: 150 - before },
      () => Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 }),
    );
    for (const client of clients) {
      await client.send(HELLO, { transport: "udp", hostname: "127.0.0.1", port: to });
      await client.receive();
    }
    await using _many = await connectMany(port, 30);
    for (let i = 0; i < 30; i++) assertEquals(await exchange(port, HELLO), HELLO);
    await pmmux.waitForLog({ message: "cannot accept" });
    clients.forEach((client) => client.close());
  },
});
