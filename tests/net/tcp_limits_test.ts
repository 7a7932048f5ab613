import { assert, assertEquals } from "@std/assert";
import { exchange, readAll, readExactly, writeAll } from "../support/conversation.ts";
import { eventually } from "../support/eventually.ts";
import { accepts } from "../support/ports.ts";
import { startEchoServer, startGreetingServer } from "../support/servers.ts";
import { bytesOf } from "../support/verdicts.ts";
import { passTo, type RunningMultiplexer, startMultiplexer, TCP, UDP } from "./harness.ts";

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
