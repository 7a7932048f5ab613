import { assert, assertEquals } from "@std/assert";
import { encodeProxyV1 } from "../../lib/protocol/proxy_protocol.ts";
import { exchange, readAll, readExactly, writeAll } from "../support/conversation.ts";
import { eventually } from "../support/eventually.ts";
import { countSockets } from "../support/fds.ts";
import { freePort } from "../support/ports.ts";
import { startEchoServer, startGreetingServer, startTcpServer } from "../support/servers.ts";
import { bytesOf } from "../support/verdicts.ts";
import { blackHole } from "./black_hole.ts";
import { passTo, startMultiplexer, TCP } from "./harness.ts";
import { resetAtFirstByte, startResettingServer } from "./resetting.ts";

const HELLO = bytesOf("hello");
const HTTP = bytesOf("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

function connect(port: number): Promise<Deno.TcpConn> {
  return Deno.connect({ hostname: "127.0.0.1", port });
}

/** Reads until the end or until the connection breaks; tells which. */
async function ending(connection: Deno.Conn): Promise<"end" | "reset"> {
  try {
    await readAll(connection);
    return "end";
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe) {
      return "reset";
    }
    throw error;
  }
}

Deno.test("tcp: when a target refuses, the next that wants the connection gets it, and the preview", async () => {
  await using echo = startEchoServer();
  await using pmmux = await startMultiplexer({
    backends: [
      `${passTo({ port: freePort() }, "dead")},detect=http`,
      `${passTo(echo, "other")},detect=ssh`,
      passTo(echo, "alive"),
    ],
  });
  assertEquals(await exchange(pmmux.port, HTTP), HTTP);
  assertEquals(pmmux.observer.failedDials.map(({ backend }) => backend), ["dead"]);
  assertEquals(pmmux.observer.routedConnections.map(({ backend }) => backend?.spec.name), ["alive"]);
  const [dead] = pmmux.multiplexer.backends;
  assertEquals([dead?.routed, dead?.activeConnections], [0, 0]);
});

Deno.test("tcp: a backend that always refuses is out after three failures", async () => {
  await using echo = startEchoServer();
  await using pmmux = await startMultiplexer({
    backends: [passTo({ port: freePort() }, "dead"), passTo(echo, "alive")],
  });
  for (let i = 0; i < 5; i++) assertEquals(await exchange(pmmux.port, HELLO), HELLO);
  assertEquals(pmmux.observer.failedDials.length, 3);
  assertEquals(pmmux.multiplexer.backends[0]?.health.state, "Unhealthy");
});

Deno.test("tcp: a lack of descriptors is no fault of the backend", async () => {
  await using pmmux = await startMultiplexer({
    backends: ["a:lacking:"],
    fakes: {
      lacking: {
        connect: () => {
          throw Object.assign(new Error("Too many open files"), { code: "EMFILE" });
        },
      },
    },
  });
  for (let i = 1; i <= 5; i++) {
    using client = await connect(pmmux.port);
    assertEquals(await readAll(client), new Uint8Array());
  }
  assertEquals(pmmux.observer.failedDials.length, 5);
  assertEquals(pmmux.multiplexer.backends[0]?.health.state, "Unknown");
});

Deno.test("tcp: a target that does not answer is given up after connect-timeout", async () => {
  await using hole = await blackHole();
  await using echo = startEchoServer();
  await using pmmux = await startMultiplexer({
    backends: [passTo(hole, "hole"), passTo(echo, "alive")],
    connectTimeout: 100,
  });
  assertEquals(await exchange(pmmux.port, HELLO), HELLO);
  const [failure] = pmmux.observer.failedDials;
  assertEquals([failure?.backend, (failure?.error as Error).message], ["hole", "no answer within 100 ms"]);
});

Deno.test("tcp: the time that a dial took is not missing from the choice of the next backend", async () => {
  await using hole = await blackHole();
  await using echo = startEchoServer();
  await using pmmux = await startMultiplexer({
    backends: [`${passTo(hole, "hole")},detect=http`, `${passTo(echo, "alive")},http.host=b`],
    connectTimeout: 400,
    selectionTimeout: 300,
  });
  using client = await connect(pmmux.port);
  await writeAll(client, bytesOf("GET / HTTP/1.1\r\n"));
  await eventually(() => pmmux.multiplexer.backends[0]?.activeConnections === 1);
  await writeAll(client, bytesOf("Host: b\r\n\r\n"));
  assertEquals((await readExactly(client, 27)).length, 27);
});

Deno.test("tcp: when no target can be reached the client is closed, and the log learns which failed last", async () => {
  await using pmmux = await startMultiplexer({
    backends: [passTo({ port: freePort() }, "one"), passTo({ port: freePort() }, "two")],
  });
  using client = await connect(pmmux.port);
  assertEquals(await readAll(client), new Uint8Array());
  const [refusal] = pmmux.observer.refusals;
  assertEquals(refusal?.reason, "no_backend_selected");
  assert(refusal?.detail.startsWith("two: Connection refused"), refusal?.detail);
});

Deno.test("tcp: a module that does not say where a connection goes makes way for the next", async () => {
  await using echo = startEchoServer();
  await using pmmux = await startMultiplexer({
    backends: ["silent:stuck:", passTo(echo)],
    fakes: { stuck: { connect: () => new Promise(() => {}) } },
    connectTimeout: 50,
  });
  assertEquals(await exchange(pmmux.port, HELLO), HELLO);
  assertEquals(pmmux.observer.failedDials.map(({ backend }) => backend), ["silent"]);
});

Deno.test("tcp: a module that never gives a verdict makes way for the next", async () => {
  await using echo = startEchoServer();
  await using pmmux = await startMultiplexer({
    backends: ["silent:stuck:", passTo(echo)],
    fakes: { stuck: { judge: () => new Promise(() => {}) } },
    selectionTimeout: 50,
  });
  assertEquals(await exchange(pmmux.port, HELLO), HELLO);
});

Deno.test("tcp: a target that breaks off takes its client with it, after all that it said", async () => {
  await using server = await startResettingServer("hello");
  await using pmmux = await startMultiplexer({ backends: [passTo(server)] });
  using client = await connect(pmmux.port);
  assertEquals(await readExactly(client, 5), HELLO);
  await writeAll(client, HELLO);
  await ending(client);
  await eventually(() => pmmux.observer.ends.length === 1);
  assertEquals(pmmux.observer.ends, ["backend reset"]);
});

Deno.test("tcp: a client that breaks off takes its target with it", async () => {
  const ended = Promise.withResolvers<void>();
  await using server = startTcpServer(async (connection) => {
    await writeAll(connection, HELLO);
    await ending(connection);
    ended.resolve();
  });
  await using pmmux = await startMultiplexer({ backends: [passTo(server)] });
  await resetAtFirstByte(pmmux.port);
  await ended.promise;
  await eventually(() => pmmux.observer.ends.length === 1);
  assertEquals(pmmux.observer.ends, ["client reset"]);
});

Deno.test("tcp: a target that resets every client before it answers is out after three of them", async () => {
  await using server = await startResettingServer();
  await using pmmux = await startMultiplexer({
    backends: [passTo(server)],
    bindings: [`${TCP},proxy-protocol=accept,proxy-protocol-from=127.0.0.1`],
  });
  const destination = { hostname: "198.51.100.1", port: 443 };
  const resetFor = async (hostname: string) => {
    const { length } = pmmux.observer.ends;
    using client = await connect(pmmux.port);
    await writeAll(client, encodeProxyV1({ source: { hostname, port: 1 }, destination }));
    await writeAll(client, HELLO);
    await ending(client);
    await eventually(() => pmmux.observer.ends.length > length);
  };
  for (let i = 0; i < 10; i++) await resetFor("192.0.2.1");
  assertEquals(pmmux.multiplexer.backends[0]?.health.reason, undefined, "one client is not enough");
  await resetFor("192.0.2.2");
  await resetFor("192.0.2.3");
  assertEquals(pmmux.multiplexer.backends[0]?.health.reason, "reset before an answer");
});

Deno.test("tcp: a target that hangs up on a talking client ends the connection soon", async () => {
  await using server = startGreetingAndClose();
  await using pmmux = await startMultiplexer({ backends: [passTo(server)] });
  using client = await connect(pmmux.port);
  assertEquals(await readExactly(client, 5), HELLO);
  const talking = talk(client);
  await eventually(() => pmmux.observer.ends.length === 1, { timeout: 10_000 });
  assertEquals(pmmux.multiplexer.connections, []);
  await talking;
});

Deno.test("tcp: a client that is gone before a backend was chosen leaves nothing behind", async () => {
  await using echo = startEchoServer();
  await using pmmux = await startMultiplexer({ backends: [`${passTo(echo)},detect=ssh`] });
  const client = await connect(pmmux.port);
  await eventually(() => pmmux.multiplexer.connections.length === 1);
  client.close();
  await eventually(() => pmmux.observer.refusals.length === 1);
  assertEquals(pmmux.multiplexer.connections, []);
});

Deno.test("tcp: closing a connection while it dials gives the dial up at once", async () => {
  await using hole = await blackHole();
  await using pmmux = await startMultiplexer({ backends: [passTo(hole)], connectTimeout: 60_000 });
  using client = await connect(pmmux.port);
  const [connection] = await eventually(() =>
    pmmux.multiplexer.connections.length === 1 && pmmux.multiplexer.connections
  );
  await eventually(() => pmmux.multiplexer.backends[0]?.activeConnections === 1);
  connection?.close("by hand");
  assertEquals(await readAll(client), new Uint8Array());
  assertEquals(pmmux.observer.refusals, [{ reason: "client_gone", detail: "by hand" }]);
  assertEquals(pmmux.multiplexer.backends[0]?.activeConnections, 0);
  assertEquals(pmmux.observer.failedDials, []);
});

Deno.test("tcp: a head that a target does not take is a failed dial, and its socket is closed", async () => {
  await using server = startTcpServer(() => Promise.resolve());
  await using echo = startGreetingServer("next");
  const head = new Uint8Array(16 * 1024 * 1024);
  await using pmmux = await startMultiplexer({
    backends: ["first:headed:", passTo(echo)],
    fakes: { headed: { connect: () => ({ hostname: "127.0.0.1", port: server.port, head }) } },
  });
  const before = countSockets();
  {
    using client = await connect(pmmux.port);
    assertEquals(await readExactly(client, 4), bytesOf("next"));
  }
  assertEquals(pmmux.observer.failedDials.map(({ backend }) => backend), ["first"]);
  await eventually(() => countSockets() === before);
});

/** Says hello, and closes both directions. */
function startGreetingAndClose(): ReturnType<typeof startTcpServer> {
  return startTcpServer((connection) => writeAll(connection, HELLO));
}

/** Sends until the connection breaks. */
async function talk(connection: Deno.TcpConn): Promise<void> {
  try {
    for (;;) await connection.write(HELLO);
  } catch {
    // That is what was waited for.
  }
}

Deno.test("tcp: a module that wants TLS added to what is relayed gets no connection in the clear", async () => {
  await using echo = startEchoServer();
  await using pmmux = await startMultiplexer({
    backends: ["odd:odd"],
    fakes: { odd: { connect: () => ({ hostname: "127.0.0.1", port: echo.port, tls: { verify: true } }) } },
  });
  assertEquals(await exchange(pmmux.port, HELLO), new Uint8Array());
  assertEquals(pmmux.observer.failedDials.map(({ error }) => (error as Error).message), [
    "a connection is relayed as it is: no TLS is added to it",
  ]);
});
