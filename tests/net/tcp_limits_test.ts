import { assert, assertEquals } from "@std/assert";
import { exchange, readAll, readExactly, writeAll } from "../support/conversation.ts";
import { eventually } from "../support/eventually.ts";
import { accepts } from "../support/ports.ts";
import { startEchoServer, startGreetingServer, startTcpServer } from "../support/servers.ts";
import { bytesOf } from "../support/verdicts.ts";
import { blackHole } from "./black_hole.ts";
import { configOf, passTo, type RunningMultiplexer, startMultiplexer, TCP, UDP } from "./harness.ts";

const HELLO = bytesOf("hello");
const LONG = 60_000;

function connect(port: number, hostname = "127.0.0.1"): Promise<Deno.TcpConn> {
  return Deno.connect({ hostname, port });
}

/** A client whose connection has reached the backend, which said one byte. */
async function carried(port: number): Promise<Deno.TcpConn> {
  const client = await connect(port);
  await readExactly(client, 1);
  return client;
}

/** Says something now and then for so many milliseconds. */
async function trickle(connection: Deno.TcpConn, milliseconds: number): Promise<void> {
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    await writeAll(connection, HELLO);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function isOpen({ multiplexer }: RunningMultiplexer, count: number): Promise<unknown> {
  return eventually(() => multiplexer.connections.length === count, { what: `${count} connections` });
}

/** Resolves when a listener has been closed. */
function removal({ multiplexer }: RunningMultiplexer): Promise<unknown> {
  return new Promise((resolve) => multiplexer.events.on("listenerRemoved", resolve));
}

Deno.test("limits: one connection more than max-connections is closed at once, until there is room", async () => {
  await using server = startGreetingServer("!");
  await using pmmux = await startMultiplexer({ backends: [passTo(server)], maxConnections: 2 });
  const [first, second] = [await carried(pmmux.port), await carried(pmmux.port)];
  using third = await connect(pmmux.port);
  assertEquals(await readAll(third), new Uint8Array());
  assertEquals(pmmux.observer.reasons, ["too_many_connections"]);
  first.close();
  await isOpen(pmmux, 1);
  using fourth = await carried(pmmux.port);
  await writeAll(fourth, HELLO);
  assertEquals(await readExactly(fourth, 5), HELLO);
  second.close();
});

Deno.test("limits: max-connections-per-client counts each client address on its own", async () => {
  await using server = startGreetingServer("!");
  await using pmmux = await startMultiplexer({
    backends: [passTo(server)],
    bindings: ['!:?:tcp:bind-address="::"'],
    maxConnectionsPerClient: 1,
  });
  const first = await carried(pmmux.port);
  using second = await connect(pmmux.port);
  assertEquals(await readAll(second), new Uint8Array());
  using other = await connect(pmmux.port, "::1");
  assertEquals((await readExactly(other, 1)).length, 1);
  assertEquals(pmmux.observer.reasons, ["too_many_connections_from_client"]);
  first.close();
  await isOpen(pmmux, 1);
  using third = await carried(pmmux.port);
  await writeAll(third, HELLO);
});

Deno.test("limits: a connection that is turned away has come, as every one that is told of later", async () => {
  await using server = startGreetingServer("!");
  await using pmmux = await startMultiplexer({ backends: [passTo(server)], maxConnections: 1 });
  using _first = await carried(pmmux.port);
  using second = await connect(pmmux.port);
  assertEquals(await readAll(second), new Uint8Array());
  const { acceptedConnections, routedConnections, refusedConnections } = pmmux.observer;
  assertEquals(acceptedConnections, [...routedConnections, ...refusedConnections]);
});

Deno.test("limits: sessions take no room from connections", async () => {
  await using server = startGreetingServer("!");
  await using pmmux = await startMultiplexer({
    backends: [passTo(server)],
    bindings: [TCP, UDP],
    maxConnections: 1,
    maxConnectionsPerClient: 1,
  });
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const { port } = pmmux.multiplexer.listeners[1]!;
  await socket.send(HELLO, { transport: "udp", hostname: "127.0.0.1", port });
  await isOpen(pmmux, 1);
  using client = await carried(pmmux.port);
  await writeAll(client, HELLO);
  assertEquals(await readExactly(client, 5), HELLO);
  socket.close();
});

Deno.test("limits: a connection that carries nothing for idle-timeout is closed, a busy one is not", async () => {
  await using server = startGreetingServer("!");
  await using pmmux = await startMultiplexer({ backends: [passTo(server)], idleTimeout: 200 });
  using busy = await carried(pmmux.port);
  using idle = await carried(pmmux.port);
  let isIdleOpen = true;
  const closed = readAll(idle).then(() => isIdleOpen = false);
  while (isIdleOpen) {
    await writeAll(busy, HELLO);
    assertEquals(await readExactly(busy, 5), HELLO);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await closed;
  await writeAll(busy, HELLO);
  assertEquals(await readExactly(busy, 5), HELLO);
  assertEquals(pmmux.observer.ends, ["idle timeout"]);
});

for (const side of ["client", "backend"] as const) {
  const setup = `limits: once the ${side} has closed`;

  Deno.test(`${setup}, a connection that carries nothing for half-close-timeout is closed`, async () => {
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    await using server = startTcpServer(async (connection) => {
      await writeAll(connection, bytesOf("!"));
      if (side === "backend") await connection.closeWrite();
      await readAll(connection);
      await over;
    });
    using _over = { [Symbol.dispose]: end };
    await using pmmux = await startMultiplexer({ backends: [passTo(server)], halfCloseTimeout: 50 });
    using client = await carried(pmmux.port);
    if (side === "client") await client.closeWrite();
    assertEquals(await readAll(client), new Uint8Array());
    await isOpen(pmmux, 0);
    assertEquals(pmmux.observer.ends, ["half-close timeout"]);
  });

  Deno.test(`${setup}, a connection that carries something goes on past half-close-timeout`, async () => {
    const timeout = 200;
    await using server = startTcpServer(async (connection) => {
      await writeAll(connection, bytesOf("!"));
      if (side === "client") {
        await readAll(connection);
        await trickle(connection, 2 * timeout);
      } else {
        await connection.closeWrite();
        await readAll(connection);
      }
    });
    await using pmmux = await startMultiplexer({ backends: [passTo(server)], halfCloseTimeout: timeout });
    using client = await carried(pmmux.port);
    if (side === "backend") await trickle(client, 2 * timeout);
    await client.closeWrite();
    await readAll(client);
    await isOpen(pmmux, 0);
    assertEquals(pmmux.observer.ends, [`${side} closed`]);
  });
}

Deno.test("limits: idle-timeout takes nobody from a dial, whose next target may answer", async () => {
  await using hole = await blackHole();
  await using echo = startEchoServer();
  await using pmmux = await startMultiplexer({
    backends: [passTo(hole, "hole"), passTo(echo)],
    connectTimeout: 400,
    idleTimeout: 100,
  });
  assertEquals(await exchange(pmmux.port, HELLO), HELLO);
});

Deno.test("limits: half-close-timeout takes nothing from a client that is slow to read", async () => {
  const answer = new Uint8Array(32 * 1024 * 1024).fill(7);
  await using server = startTcpServer(async (connection) => {
    await readAll(connection);
    await writeAll(connection, answer);
  });
  await using pmmux = await startMultiplexer({ backends: [passTo(server)], halfCloseTimeout: 50 });
  using client = await connect(pmmux.port);
  await client.closeWrite();
  await new Promise((resolve) => setTimeout(resolve, 300));
  assertEquals((await readAll(client)).length, answer.length);
  await isOpen(pmmux, 0);
  assertEquals(pmmux.observer.ends, ["client closed"]);
});

Deno.test("limits: half-close-timeout leaves alone what is silent but open, idle-timeout what is 0", async () => {
  await using server = startGreetingServer("!");
  await using pmmux = await startMultiplexer({ backends: [passTo(server)], halfCloseTimeout: 20 });
  using open = await carried(pmmux.port);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await writeAll(open, HELLO);
  assertEquals(await readExactly(open, 5), HELLO);
});

Deno.test("limits: timeouts that change while pmmux runs hold for the connections that are there", async () => {
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  await using server = startTcpServer(async (connection) => {
    await writeAll(connection, bytesOf("!"));
    await over;
  });
  using _over = { [Symbol.dispose]: end };
  const setup = { backends: [passTo(server)], halfCloseTimeout: 0 };
  await using pmmux = await startMultiplexer(setup);
  using client = await carried(pmmux.port);
  await client.closeWrite();
  await pmmux.multiplexer.apply({ ...configOf(setup), halfCloseTimeout: 50 });
  assertEquals(await readAll(client), new Uint8Array());
  await isOpen(pmmux, 0);
  assertEquals(pmmux.observer.ends, ["half-close timeout"]);
});

Deno.test("stop: connections that finish in time are let finish, and new ones are not taken", async () => {
  await using server = startEchoServer();
  await using pmmux = await startMultiplexer({ backends: [passTo(server)], drainTimeout: LONG });
  using client = await connect(pmmux.port);
  await writeAll(client, HELLO);
  await readExactly(client, 5);
  const listenerRemoved = removal(pmmux);
  const stopped = pmmux.multiplexer.stop();
  await listenerRemoved;
  assertEquals(await accepts(pmmux.port), false);
  await writeAll(client, HELLO);
  assertEquals(await readExactly(client, 5), HELLO);
  await client.closeWrite();
  assertEquals(await readAll(client), new Uint8Array());
  await stopped;
  assertEquals(pmmux.observer.ends, ["client closed"]);
});

Deno.test("stop: what is left after drain-timeout is closed", async () => {
  await using server = startGreetingServer("!");
  await using pmmux = await startMultiplexer({ backends: [passTo(server)], drainTimeout: 50 });
  using client = await carried(pmmux.port);
  await pmmux.multiplexer.stop();
  assertEquals(pmmux.observer.ends, ["shutdown"]);
  assertEquals(pmmux.multiplexer.connections, []);
  assertEquals(await readAll(client), new Uint8Array());
});

Deno.test("stop: a signal ends the wait, also one that a later call brings", async () => {
  await using server = startGreetingServer("!");
  await using pmmux = await startMultiplexer({ backends: [passTo(server)], drainTimeout: LONG });
  using client = await carried(pmmux.port);
  const hurry = new AbortController();
  const listenerRemoved = removal(pmmux);
  const stops = [pmmux.multiplexer.stop(), pmmux.multiplexer.stop({ signal: hurry.signal })];
  await listenerRemoved;
  assertEquals(pmmux.multiplexer.connections.length, 1);
  hurry.abort();
  await Promise.all(stops);
  assertEquals(pmmux.observer.ends, ["shutdown"]);
  assertEquals(await readAll(client), new Uint8Array());
});

Deno.test("stop: a client that was not routed yet does not hold it up for ever", async () => {
  await using server = startEchoServer();
  await using pmmux = await startMultiplexer({
    backends: [`${passTo(server)},detect=http`],
    silenceTimeout: LONG,
    selectionTimeout: LONG,
    drainTimeout: 50,
  });
  using client = await connect(pmmux.port);
  await isOpen(pmmux, 1);
  await pmmux.multiplexer.stop();
  assertEquals(pmmux.multiplexer.connections, []);
  assertEquals(pmmux.observer.refusals, [{ reason: "client_gone", detail: "shutdown" }]);
  assertEquals(await readAll(client), new Uint8Array());
});

Deno.test("limits: what apply changes holds for the next connection", async () => {
  await using server = startEchoServer();
  await using pmmux = await startMultiplexer({ backends: [passTo(server)], maxConnections: 1 });
  using _first = await connect(pmmux.port);
  await isOpen(pmmux, 1);
  await pmmux.multiplexer.apply({ ...pmmux.multiplexer.config, maxConnections: 2 });
  assertEquals(await exchange(pmmux.port, HELLO), HELLO);
  assert(pmmux.observer.refusals.length === 0);
});
