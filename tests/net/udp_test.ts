import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { UdpSocket } from "../../lib/net/udp_socket.ts";
import { trafficLog } from "../../lib/telemetry/traffic_log.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/ports.ts";
import { startUdpEchoServer } from "../support/servers.ts";
import { bytesOf } from "../support/verdicts.ts";
import { recordingLogger } from "../telemetry/recording_logger.ts";
import { passTo, startMultiplexer, UDP } from "./harness.ts";
import { UdpClient } from "./udp_client.ts";

const HELLO = bytesOf("hello");

Deno.test("udp: pass carries a datagram there and the answer back, from the socket that was written to", async () => {
  await using echo = startUdpEchoServer();
  await using pmmux = await startMultiplexer({ backends: [passTo(echo)], bindings: [UDP] });
  await using client = new UdpClient();
  assertEquals(await client.ask(HELLO, pmmux), { message: HELLO, from: `127.0.0.1:${pmmux.port}` });
  const [session] = pmmux.multiplexer.connections;
  assertEquals([session?.bytesIn, session?.bytesOut, session?.messagesIn, session?.messagesOut], [
    5,
    5,
    1,
    1,
  ]);
  assertEquals(session?.client.remote, { address: "127.0.0.1", port: client.port });
});

Deno.test("udp: a client's datagrams are one session, each client has its own", async () => {
  await using echo = startUdpEchoServer();
  await using pmmux = await startMultiplexer({ backends: [passTo(echo)], bindings: [UDP] });
  await using one = new UdpClient();
  await using two = new UdpClient();
  for (let i = 0; i < 20; i++) {
    await one.send(bytesOf(`one ${i}`), pmmux);
    await two.send(bytesOf(`two ${i}`), pmmux);
  }
  for (const [client, name] of [[one, "one"], [two, "two"]] as const) {
    for (let i = 0; i < 20; i++) assertEquals((await client.next()).message, bytesOf(`${name} ${i}`));
  }
  assertEquals(pmmux.multiplexer.connections.length, 2);
  assertEquals(
    pmmux.multiplexer.backends.find(({ networkProtocol }) => networkProtocol === "udp")?.routed,
    2,
  );
});

Deno.test("udp: one client that writes to two listeners has two sessions", async () => {
  await using echo = startUdpEchoServer();
  await using pmmux = await startMultiplexer({ backends: [passTo(echo)], bindings: [UDP, UDP] });
  await using client = new UdpClient();
  for (const { port } of pmmux.multiplexer.listeners) {
    assertEquals((await client.ask(HELLO, { port })).from, `127.0.0.1:${port}`);
  }
  assertEquals(pmmux.multiplexer.connections.length, 2);
});

Deno.test("udp: empty datagrams and the longest ones pass", async () => {
  await using echo = startUdpEchoServer();
  await using pmmux = await startMultiplexer({ backends: [passTo(echo)], bindings: [UDP] });
  await using client = new UdpClient();
  const longest = Uint8Array.from({ length: 65_507 }, (_, i) => i * 7);
  for (const message of [new Uint8Array(), longest, HELLO]) {
    assertEquals((await client.ask(message, pmmux)).message, message);
  }
});

Deno.test("udp: order is kept, also while the first datagram looks for its target", async () => {
  await using echo = startUdpEchoServer();
  await using pmmux = await startMultiplexer({
    backends: [`named:pass:target.host=localhost,target.port=${echo.port}`],
    bindings: [UDP],
  });
  await using client = new UdpClient();
  const numbers = Array.from({ length: 30 }, (_, i) => `${i}`);
  for (const number of numbers) await client.send(bytesOf(number), pmmux);
  const answers: string[] = [];
  for (const _ of numbers) answers.push(String.fromCharCode(...(await client.next()).message));
  assertEquals(answers, numbers);
});

Deno.test("udp: IPv6 in front and behind, however its address is written", async () => {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "::1", port: 0 });
  const { port } = socket.addr as Deno.NetAddr;
  const serving = (async () => {
    for await (const [message, from] of socket) await socket.send(message, from);
  })();
  await using pmmux = await startMultiplexer({
    backends: [`six:pass:target.ip="0:0:0:0:0:0:0:1",target.port=${port}`],
    bindings: ['!:?:udp:bind-address="::1"'],
  });
  {
    await using client = new UdpClient({ hostname: "::1" });
    assertEquals((await client.ask(HELLO, { hostname: "::1", port: pmmux.port })).message, HELLO);
  }
  socket.close();
  await serving;
});

Deno.test("udp: a wildcard binding answers from the address that was written to", async () => {
  await using echo = startUdpEchoServer();
  await using pmmux = await startMultiplexer({
    backends: [`${passTo(echo)},local-ip!=0.0.0.0`],
    bindings: ["!:?:udp"],
  });
  await using client = new UdpClient();
  assertEquals((await client.ask(HELLO, pmmux)).from, `127.0.0.1:${pmmux.port}`);
  assertEquals(pmmux.multiplexer.connections[0]?.client.local.address, "127.0.0.1");
});

Deno.test("udp: matchers see the datagram and the session, and choose once", async () => {
  await using dns = startUdpEchoServer();
  await using pmmux = await startMultiplexer({
    backends: [`${passTo(dns)},detect=dns,"property[socket.type]"=dgram`, "rest:noop:"],
    bindings: [UDP],
  });
  await using client = new UdpClient();
  await using other = new UdpClient();
  const query = Uint8Array.fromHex("1a2b01000001000000000000076578616d706c6503636f6d0000010001");
  await other.send(HELLO, pmmux);
  assertEquals((await client.ask(query, pmmux)).message, query);
  assertEquals((await client.ask(HELLO, pmmux)).message, HELLO);
  const routed = pmmux.observer.routedConnections.map(({ backend, properties }) => [
    backend?.spec.name,
    properties.detected,
  ]);
  assertEquals(routed, [["rest", undefined], ["target", "dns"]]);
  assertEquals(other.answers, []);
});

Deno.test("udp: a session that nobody wants is refused, and the next datagram is asked about anew", async () => {
  await using pmmux = await startMultiplexer({ backends: ["no:noop:detect=dns"], bindings: [UDP] });
  await using client = new UdpClient();
  for (let i = 1; i <= 2; i++) {
    await client.send(HELLO, pmmux);
    await eventually(() => pmmux.observer.refusals.length === i);
  }
  assertEquals(pmmux.observer.reasons, ["no_backend_selected", "no_backend_selected"]);
  assertEquals(pmmux.multiplexer.connections, []);
});

Deno.test("udp: a dead target does not harm the socket nor other clients", async () => {
  await using echo = startUdpEchoServer();
  await using client = new UdpClient();
  await using other = new UdpClient();
  await using pmmux = await startMultiplexer({
    backends: [
      `${passTo({ port: freePort("udp") }, "dead")},remote-port=${client.port}`,
      passTo(echo, "alive"),
    ],
    bindings: [UDP],
  });
  for (let i = 0; i < 10; i++) {
    await client.send(HELLO, pmmux);
    assertEquals((await other.ask(HELLO, pmmux)).message, HELLO);
  }
  assertEquals(client.answers, []);
  assertEquals(pmmux.observer.acceptFailures, []);
});

Deno.test("udp: only the target is heard on a session's way back", async () => {
  const asked = Promise.withResolvers<Deno.NetAddr>();
  const target = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const [, from] of target) asked.resolve(from as Deno.NetAddr);
  })();
  {
    await using pmmux = await startMultiplexer({
      backends: [passTo(target.addr as Deno.NetAddr)],
      bindings: [UDP],
    });
    await using client = new UdpClient();
    await using stranger = new UdpClient();
    await client.send(HELLO, pmmux);
    const session = await asked.promise;
    await stranger.send(bytesOf("spoof"), { port: session.port });
    await target.send(bytesOf("true"), { transport: "udp", hostname: "127.0.0.1", port: session.port });
    assertEquals((await client.next()).message, bytesOf("true"));
  }
  target.close();
  await serving;
});

Deno.test("udp: a module answers through the writer it was given, until the session ends", async () => {
  const signals: AbortSignal[] = [];
  await using pmmux = await startMultiplexer({
    backends: ["own:upper:"],
    fakes: {
      upper: {
        async handle(client, message, signal) {
          signals.push(signal);
          const [backend] = pmmux.built;
          await backend!.writer!(client).write(bytesOf(`<${String.fromCharCode(...message)}>`));
        },
      },
    },
    bindings: [UDP],
  });
  await using client = new UdpClient();
  assertEquals((await client.ask(HELLO, pmmux)).message, bytesOf("<hello>"));
  const [session] = pmmux.multiplexer.connections;
  const writer = pmmux.built[0]!.writer!;
  const { client: info } = session!;
  session!.close("by hand");
  assertEquals(signals.map(({ aborted }) => aborted), [true]);
  assertEquals(await writer(info).write(HELLO), false);
  assertThrows(() => writer({ ...info }), Error, "No session of client 127.0.0.1");
});

Deno.test("udp: what a module writes at once leaves in that order", async () => {
  await using pmmux = await startMultiplexer({
    backends: ["own:burst:"],
    fakes: {
      burst: {
        async handle(client) {
          const writer = pmmux.built[0]!.writer!(client);
          await Promise.all(Array.from({ length: 20 }, (_, i) => writer.write(Uint8Array.of(i))));
        },
      },
    },
    bindings: [UDP],
  });
  await using client = new UdpClient();
  await client.send(HELLO, pmmux);
  for (let i = 0; i < 20; i++) assertEquals((await client.next()).message, Uint8Array.of(i));
});

Deno.test("udp: what the network does not take is told with what it said", async () => {
  const logger = recordingLogger();
  const endpoint = { address: "127.0.0.1", port: 0 };
  await using socket = new UdpSocket({ endpoint, observer: trafficLog(logger), onMessage() {} });
  const sent = await socket.send(new Uint8Array(65_508), {
    transport: "udp",
    hostname: "127.0.0.1",
    port: 9,
  });
  const [record] = logger.records;
  assertEquals([sent, record?.message, record?.fields.reason], [false, "datagrams dropped", "refused"]);
  assertMatch(String(record?.fields.detail), /too long/i);
});

Deno.test("udp: noop drops datagrams and says nothing", async () => {
  await using pmmux = await startMultiplexer({ backends: ["nobody:noop:"], bindings: [UDP] });
  await using client = new UdpClient();
  await client.send(HELLO, pmmux);
  await eventually(() => pmmux.multiplexer.connections[0]?.messagesIn === 1);
  assert(client.answers.length === 0);
});
