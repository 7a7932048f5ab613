import { assert, assertEquals } from "@std/assert";
import type { Verdict } from "../../lib/protocol/detector.ts";
import { eventually } from "../support/eventually.ts";
import { countSockets } from "../support/fds.ts";
import { startUdpEchoServer } from "../support/servers.ts";
import { bytesOf } from "../support/verdicts.ts";
import { passTo, type RunningMultiplexer, startMultiplexer, TCP, UDP } from "./harness.ts";
import { UdpClient } from "./udp_client.ts";

const HELLO = bytesOf("hello");
const LONG = 60_000;

/** Sends one datagram each from so many ports. */
async function flood({ port }: { readonly port: number }, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
    await socket.send(HELLO, { transport: "udp", hostname: "127.0.0.1", port });
    socket.close();
  }
}

function accepted({ observer }: RunningMultiplexer, count: number): Promise<unknown> {
  return eventually(() => observer.acceptedConnections.length >= count, { what: `${count} sessions` });
}

Deno.test("sessions: one that is idle for udp-session-timeout ends, and frees its socket", async () => {
  await using echo = startUdpEchoServer();
  await using pmmux = await startMultiplexer({
    backends: [passTo(echo)],
    bindings: [UDP],
    udpSessionTimeout: 400,
  });
  await using client = new UdpClient();
  const before = countSockets();
  await client.ask(HELLO, pmmux);
  assertEquals(countSockets(), before + 1);
  await eventually(() => pmmux.multiplexer.connections.length === 0);
  assertEquals(pmmux.observer.ends, ["idle timeout"]);
  await eventually(() => countSockets() === before);
  assertEquals((await client.ask(HELLO, pmmux)).message, HELLO);
  assertEquals(pmmux.observer.routedConnections.length, 2);
});

Deno.test("sessions: answers keep one alive although its client is silent", async () => {
  const target = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  {
    await using pmmux = await startMultiplexer({
      backends: [passTo(target.addr as Deno.NetAddr)],
      bindings: [UDP],
      udpSessionTimeout: 2000,
    });
    await using client = new UdpClient();
    await using other = new UdpClient();
    await client.send(HELLO, pmmux);
    const [, session] = await target.receive();
    await other.send(HELLO, pmmux);
    await target.receive();
    const isOpen = (port: number) =>
      pmmux.multiplexer.connections.some((connection) => connection.client.remote.port === port);
    while (isOpen(other.port)) await target.send(HELLO, session);
    assert(isOpen(client.port));
  }
  target.close();
});

Deno.test("sessions: one that is answered for long is not the longest idle, though its client is silent", async () => {
  const target = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  {
    await using pmmux = await startMultiplexer({
      backends: [passTo(target.addr as Deno.NetAddr)],
      bindings: [UDP],
      maxUdpSessions: 2,
    });
    await using listening = new UdpClient();
    await using idle = new UdpClient();
    await using third = new UdpClient();
    await listening.send(HELLO, pmmux);
    const [, session] = await target.receive();
    await idle.send(HELLO, pmmux);
    await target.receive();
    await target.send(HELLO, session);
    await listening.next();
    await eventually(() => pmmux.multiplexer.connections[0]?.messagesOut === 1);
    await third.send(HELLO, pmmux);
    await target.receive();
    const ports = pmmux.multiplexer.connections.map(({ client }) => client.remote.port);
    assertEquals(ports.toSorted(), [listening.port, third.port].toSorted());
  }
  target.close();
});

Deno.test("sessions: one more than max-udp-sessions takes the place of the longest idle", async () => {
  await using echo = startUdpEchoServer();
  await using pmmux = await startMultiplexer({
    backends: [passTo(echo)],
    bindings: [UDP],
    maxUdpSessions: 2,
  });
  await using one = new UdpClient();
  await using two = new UdpClient();
  await using three = new UdpClient();
  for (const client of [one, two, one, three]) await client.ask(HELLO, pmmux);
  assertEquals(pmmux.observer.ends, ["evicted"]);
  assertEquals(pmmux.observer.evicted, 1);
  const ports = pmmux.multiplexer.connections.map(({ client }) => client.remote.port);
  assertEquals(ports.toSorted(), [one.port, three.port].toSorted());
});

Deno.test("sessions: a lowered max-udp-sessions holds at once, and ends the longest idle", async () => {
  await using echo = startUdpEchoServer();
  await using pmmux = await startMultiplexer({ backends: [passTo(echo)], bindings: [UDP] });
  await using one = new UdpClient();
  await using two = new UdpClient();
  for (const client of [one, two, one]) await client.ask(HELLO, pmmux);
  await pmmux.multiplexer.apply({ ...pmmux.multiplexer.config, maxUdpSessions: 1 });
  assertEquals(pmmux.observer.ends, ["evicted"]);
  assertEquals(pmmux.multiplexer.connections.map(({ client }) => client.remote.port), [one.port]);
});

Deno.test("sessions: a flood from many ports costs no more than max-udp-sessions, and harms no target", async () => {
  await using echo = startUdpEchoServer();
  await using pmmux = await startMultiplexer({
    backends: [`named:pass:target.host=localhost,target.port=${echo.port}`],
    bindings: [UDP],
    maxUdpSessions: 10,
  });
  const before = countSockets();
  await flood(pmmux, 300);
  await accepted(pmmux, 200);
  assert(pmmux.multiplexer.connections.length <= 10);
  await using client = new UdpClient();
  assertEquals((await client.ask(HELLO, pmmux)).message, HELLO);
  assertEquals(pmmux.multiplexer.backends.map(({ health }) => health.state), ["Unknown", "Unknown"]);
  await eventually(() => countSockets() <= before + 11);
});

Deno.test("sessions: what is learnt about one can be seen, also if nobody wants it", async () => {
  await using pmmux = await startMultiplexer({
    backends: ["time:noop:detect=ntp", "log:noop:property[syslog.severity]=1"],
    bindings: [UDP],
  });
  await using client = new UdpClient();
  await client.send(bytesOf("<34>disk full"), pmmux);
  await eventually(() => pmmux.observer.refusals.length === 1);
  const [refused] = pmmux.observer.refusedConnections;
  assertEquals([refused?.learnt.detected, refused?.learnt["syslog.severity"]], ["syslog", "2"]);
});

Deno.test("sessions: datagrams that come while a verdict takes time are delivered after it, in order", async () => {
  const verdict = Promise.withResolvers<Verdict>();
  const handled: string[] = [];
  await using pmmux = await startMultiplexer({
    backends: ["slow:slow:"],
    fakes: {
      slow: {
        judge: () => verdict.promise,
        handle: (_client, message) => void handled.push(String.fromCharCode(...message)),
      },
    },
    bindings: [UDP],
  });
  await using client = new UdpClient();
  for (const text of ["a", "b", "c"]) await client.send(bytesOf(text), pmmux);
  await accepted(pmmux, 1);
  verdict.resolve("match");
  await eventually(() => handled.length === 3);
  await client.send(bytesOf("d"), pmmux);
  await eventually(() => handled.length === 4);
  assertEquals(handled, ["a", "b", "c", "d"]);
});

Deno.test("sessions: a first datagram beyond preview-buffer-limit is judged and delivered all the same", async () => {
  const handled: number[] = [];
  await using pmmux = await startMultiplexer({
    backends: ["slow:slow:"],
    fakes: {
      slow: {
        judge: () => Promise.resolve("match"),
        handle: (_client, message) => void handled.push(message.length),
      },
    },
    bindings: [UDP],
    previewBufferLimit: 100,
  });
  await using client = new UdpClient();
  await client.send(new Uint8Array(1000), pmmux);
  await eventually(() => handled.length === 1);
  assertEquals(handled, [1000]);
});

Deno.test("sessions: what waits for a verdict is bounded, and what is too much is counted", async () => {
  const verdict = Promise.withResolvers<Verdict>();
  const handled: number[] = [];
  await using pmmux = await startMultiplexer({
    backends: ["slow:slow:"],
    fakes: {
      slow: { judge: () => verdict.promise, handle: (_client, message) => void handled.push(message[0]!) },
    },
    bindings: [UDP],
  });
  await using client = new UdpClient();
  for (let i = 0; i < 100; i++) await client.send(Uint8Array.of(i), pmmux);
  await eventually(() => pmmux.observer.dropped > 0);
  verdict.resolve("match");
  await eventually(() => handled.length > 0);
  assertEquals(handled, handled.toSorted((a, b) => a - b));
  assert(handled.length < 100);
});

Deno.test("sessions: a verdict that never comes counts as a mismatch after selection-timeout", async () => {
  await using echo = startUdpEchoServer();
  await using pmmux = await startMultiplexer({
    backends: ["stuck:stuck:", passTo(echo)],
    fakes: { stuck: { judge: () => new Promise(() => {}) } },
    bindings: [UDP],
    selectionTimeout: 50,
  });
  await using client = new UdpClient();
  assertEquals((await client.ask(HELLO, pmmux)).message, HELLO);
});

Deno.test("sessions: one that ends before a backend is chosen is refused, and its datagrams are counted as lost", async () => {
  await using pmmux = await startMultiplexer({
    backends: ["stuck:stuck:"],
    fakes: { stuck: { judge: () => new Promise(() => {}) } },
    bindings: [UDP],
    maxUdpSessions: 1,
    selectionTimeout: LONG,
  });
  await using client = new UdpClient();
  for (let i = 0; i < 3; i++) await client.send(HELLO, pmmux);
  await accepted(pmmux, 1);
  await flood(pmmux, 1);
  await accepted(pmmux, 2);
  const { observer } = pmmux;
  assertEquals([observer.refusals, observer.dropped], [[{ reason: "client_gone", detail: "evicted" }], 2]);
});

Deno.test("sessions: many that wait for a verdict do not delay others", async () => {
  await using echo = startUdpEchoServer();
  await using client = new UdpClient();
  await using pmmux = await startMultiplexer({
    backends: [`${passTo(echo)},remote-port=${client.port}`, "stuck:stuck:"],
    fakes: { stuck: { judge: () => new Promise(() => {}) } },
    bindings: [UDP],
    selectionTimeout: LONG,
  });
  await flood(pmmux, 100);
  assertEquals((await client.ask(HELLO, pmmux)).message, HELLO);
});

Deno.test("sessions: a backend that takes no more loses its own datagrams, and delays nobody else's", async () => {
  await using echo = startUdpEchoServer();
  await using client = new UdpClient();
  await using pmmux = await startMultiplexer({
    backends: [`${passTo(echo)},remote-port=${client.port}`, "stuck:stuck:"],
    fakes: { stuck: { handle: () => new Promise(() => {}) } },
    bindings: [UDP],
  });
  await flood(pmmux, 300);
  assertEquals((await client.ask(HELLO, pmmux)).message, HELLO);
  assert(pmmux.observer.dropped > 0);
});

Deno.test("sessions: what a module fails with after its session ended is no failure of the backend", async () => {
  await using pmmux = await startMultiplexer({
    backends: ["own:late:"],
    fakes: {
      late: {
        handle: (_client, _message, signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener("abort", () => reject(new Error("closed")));
          }),
      },
    },
    bindings: [UDP],
    maxUdpSessions: 1,
  });
  await flood(pmmux, 10);
  await eventually(() => pmmux.observer.ends.length >= 5);
  assertEquals(pmmux.observer.failedDials, []);
});

Deno.test("sessions: a module that fails to take datagrams is out after three of them", async () => {
  await using pmmux = await startMultiplexer({
    backends: ["own:broken:"],
    fakes: {
      broken: {
        handle: () => {
          throw new Error("full");
        },
      },
    },
    bindings: [UDP],
  });
  await using client = new UdpClient();
  for (let i = 1; i <= 3; i++) {
    await client.send(HELLO, pmmux);
    await eventually(() => pmmux.observer.failedDials.length === i);
  }
  const udp = pmmux.multiplexer.backends.find(({ networkProtocol }) => networkProtocol === "udp");
  assertEquals([udp?.health.state, udp?.health.reason], ["Unhealthy", "full"]);
  assertEquals(pmmux.observer.ends, ["backend unhealthy"]);
});

Deno.test("sessions: they end with their listener's multiplexer, and free what they hold", async () => {
  await using echo = startUdpEchoServer();
  await using client = new UdpClient();
  const before = countSockets();
  const pmmux = await startMultiplexer({ backends: [passTo(echo)], bindings: [UDP] });
  await client.ask(HELLO, pmmux);
  await pmmux[Symbol.asyncDispose]();
  assertEquals(pmmux.observer.ends, ["shutdown"]);
  await eventually(() => countSockets() === before);
});

Deno.test("sessions: a backend that answers after its cooldown is no longer on trial", async () => {
  await using pmmux: RunningMultiplexer = await startMultiplexer({
    backends: ["odd:odd:passive-failures=2,passive-cooldown=200"],
    bindings: [UDP],
    fakes: {
      odd: {
        handle: async (client, message) => {
          if (message.length === 0) throw new Error("out of order");
          await pmmux.built[0]!.writer!(client).write(message);
        },
      },
    },
  });
  let ejections = 0;
  pmmux.multiplexer.events.on("healthChanged", ({ backend, before }) => {
    if (backend.health.ejectedBy !== undefined && before.ejectedBy === undefined) ejections++;
  });
  const isRoutable = () => pmmux.multiplexer.backends.every(({ health }) => health.ejectedBy === undefined);
  await using client = new UdpClient();
  const fail = async (times: number) => {
    const { length } = pmmux.observer.failedDials;
    await client.send(new Uint8Array(), pmmux);
    await eventually(() => pmmux.observer.failedDials.length > length);
    if (times > 1) await fail(times - 1);
  };
  await fail(2);
  await eventually(isRoutable);
  await client.ask(HELLO, pmmux);
  await eventually(() => pmmux.multiplexer.connections.some(({ messagesOut }) => messagesOut === 1));
  await fail(1);
  assertEquals([ejections, isRoutable()], [1, true]);
});

Deno.test("sessions: what a module answers instead of nothing costs nothing", async () => {
  await using pmmux: RunningMultiplexer = await startMultiplexer({
    backends: ["odd:odd"],
    bindings: [UDP],
    fakes: {
      odd: {
        handle: (client, message) => {
          pmmux.built[0]!.writer!(client).write(message.slice());
          return 1 as never;
        },
      },
    },
  });
  await using client = new UdpClient();
  for (let sent = 0; sent < 300; sent++) await client.ask(HELLO, pmmux);
  assertEquals(pmmux.multiplexer.connections.map(({ messagesOut }) => messagesOut), [300]);
});

for (const [code, survives] of [["EMSGSIZE", true], ["ECONNREFUSED", false]] as const) {
  Deno.test(`sessions: ${code} is ${survives ? "no" : "a"} fault of the backend`, async () => {
    await using pmmux = await startMultiplexer({
      backends: ["odd:odd"],
      bindings: [UDP],
      fakes: { odd: { handle: () => Promise.reject(Object.assign(new Error("no"), { code })) } },
    });
    await flood(pmmux, 3);
    await eventually(() => pmmux.observer.failedDials.length === 3);
    assertEquals(pmmux.multiplexer.backends.at(-1)?.health.ejectedBy === undefined, survives);
  });
}

Deno.test("sessions: when there are no descriptors left, the longest idle make room", async () => {
  let isShort = false;
  await using pmmux = await startMultiplexer({
    backends: ["odd:odd"],
    bindings: [UDP],
    fakes: {
      odd: {
        handle: () =>
          isShort ? Promise.reject(Object.assign(new Error("no"), { code: "EMFILE" })) : undefined,
      },
    },
  });
  await flood(pmmux, 16);
  await accepted(pmmux, 16);
  isShort = true;
  await flood(pmmux, 1);
  await eventually(() => pmmux.observer.ends.length > 0);
  assertEquals(pmmux.observer.ends, ["evicted", "evicted", "evicted"]);
});

Deno.test("sessions: a burst that finds no descriptors left takes room from no more than the longest idle", async () => {
  const { promise: isShort, reject } = Promise.withResolvers<void>();
  let begun = 0;
  await using pmmux = await startMultiplexer({
    backends: ["odd:odd"],
    bindings: [UDP],
    fakes: { odd: { handle: () => ++begun > 16 ? isShort : undefined } },
  });
  await flood(pmmux, 32);
  await accepted(pmmux, 32);
  reject(Object.assign(new Error("no"), { code: "EMFILE" }));
  await eventually(() => pmmux.observer.ends.length > 0);
  await eventually(() => pmmux.observer.failedDials.length === 16);
  assertEquals(pmmux.observer.ends, Array(4).fill("evicted"));
});

Deno.test("sessions: a verdict that takes time is about the datagram that was asked about", async () => {
  const told: string[] = [];
  await using pmmux = await startMultiplexer({
    backends: ["slow:slow"],
    bindings: [UDP],
    fakes: {
      slow: {
        judge: async (bytes): Promise<Verdict> => {
          await new Promise((resolve) => setTimeout(resolve, 20));
          told.push(new TextDecoder().decode(bytes));
          return "match";
        },
      },
    },
  });
  await using one = new UdpClient();
  await using two = new UdpClient();
  await Promise.all([one.send(bytesOf("one"), pmmux), two.send(bytesOf("two"), pmmux)]);
  await eventually(() => told.length === 2);
  assertEquals(told.toSorted(), ["one", "two"]);
});

Deno.test("sessions: when there are no descriptors left to connect with, the longest idle make room for TCP", async () => {
  await using pmmux = await startMultiplexer({
    backends: ["odd:odd"],
    bindings: [UDP, TCP],
    fakes: {
      odd: { connect: () => Promise.reject(Object.assign(new Error("no"), { code: "EMFILE" })) },
    },
  });
  await flood(pmmux, 16);
  await accepted(pmmux, 16);
  using client = await Deno.connect({ hostname: "127.0.0.1", port: pmmux.multiplexer.listeners[1]!.port });
  assertEquals(await client.read(new Uint8Array(1)), null);
  assertEquals(pmmux.observer.ends.filter((end) => end === "evicted").length, 2);
});
