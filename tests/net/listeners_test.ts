import { assertEquals, assertLess, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { parseBackendSpec } from "../../lib/config/backend_spec.ts";
import { parseBindingSpec } from "../../lib/config/binding_spec.ts";
import { silentObserver } from "../../lib/net/observer.ts";
import { TcpListener } from "../../lib/net/tcp_listener.ts";
import { UdpListener, type UdpListenerOptions } from "../../lib/net/udp_listener.ts";
import { UdpSocket } from "../../lib/net/udp_socket.ts";
import { exchange, readExactly, writeAll } from "../support/conversation.ts";
import { eventually } from "../support/eventually.ts";
import { countSockets } from "../support/fds.ts";
import { accepts, freePort } from "../support/ports.ts";
import { startEchoServer, startUdpEchoServer } from "../support/servers.ts";
import { bytesOf } from "../support/verdicts.ts";
import { withFakeTimers } from "../support/fake_timers.ts";
import { makeMultiplexer, passTo, startMultiplexer, TCP, UDP } from "./harness.ts";
import { RecordingObserver } from "./recording_observer.ts";
import { UdpClient } from "./udp_client.ts";

const HELLO = bytesOf("hello");

for (const transport of ["tcp", "udp"] as const) {
  Deno.test(`listeners: a ${transport} port that is taken fails the start, which leaves nothing open`, async () => {
    const port = freePort(transport);
    using _other = transport === "tcp" ? Deno.listen({ hostname: "127.0.0.1", port }) : udpSocket(port);
    const before = countSockets();
    await using pmmux = makeMultiplexer({
      backends: ["nobody:noop:"],
      bindings: [TCP, UDP, `!:${port}:${transport}:bind-address=127.0.0.1`],
    });
    const { message } = await assertRejects(() => pmmux.multiplexer.start(), Error);
    assertEquals(
      message,
      `Cannot listen on ${transport} 127.0.0.1:${port}: the port is taken by another program`,
    );
    assertEquals(pmmux.multiplexer.listeners, []);
    await eventually(() => countSockets() === before);
  });

  Deno.test(`listeners: an address that this host does not have fails the start, ${transport}`, async () => {
    await using pmmux = makeMultiplexer({ bindings: [`!:?:${transport}:bind-address=192.0.2.77`] });
    await assertRejects(
      () => pmmux.multiplexer.start(),
      Error,
      `Cannot listen on ${transport} 192.0.2.77:?: this host has no such address`,
    );
  });
}

Deno.test("listeners: a start that failed can be tried again", async () => {
  const port = freePort();
  await using pmmux = makeMultiplexer({
    backends: ["nobody:noop:"],
    bindings: [`!:${port}:tcp:bind-address=127.0.0.1`],
  });
  {
    using _other = Deno.listen({ hostname: "127.0.0.1", port });
    await assertRejects(() => pmmux.multiplexer.start());
  }
  await pmmux.multiplexer.start();
  assertEquals(pmmux.multiplexer.listeners.map((listener) => listener.port), [port]);
});

Deno.test("listeners: one that is removed stops accepting, and its connections go on", async () => {
  await using echo = startEchoServer();
  await using pmmux = await startMultiplexer({ backends: [passTo(echo)], bindings: [TCP, TCP] });
  const [one, two] = pmmux.multiplexer.listeners;
  using client = await Deno.connect({ hostname: "127.0.0.1", port: one!.port });
  await writeAll(client, HELLO);
  await readExactly(client, 5);
  assertEquals(await pmmux.multiplexer.removeListener(one!), true);
  assertEquals(await pmmux.multiplexer.removeListener(one!), false);
  assertEquals(await accepts(one!.port), false);
  await writeAll(client, HELLO);
  assertEquals(await readExactly(client, 5), HELLO);
  assertEquals(await exchange(two!.port, HELLO), HELLO);
});

Deno.test("listeners: the sessions of one that is removed end with it", async () => {
  await using echo = startUdpEchoServer();
  await using pmmux = await startMultiplexer({ backends: [passTo(echo)], bindings: [UDP, UDP] });
  await using client = new UdpClient();
  const before = countSockets();
  const [one, two] = pmmux.multiplexer.listeners;
  for (const { port } of [one!, two!]) await client.ask(HELLO, { port });
  await pmmux.multiplexer.removeListener(one!);
  assertEquals(pmmux.observer.ends, ["listener closed"]);
  assertEquals(pmmux.multiplexer.connections.map(({ client }) => client.local.port), [two!.port]);
  await eventually(() => countSockets() === before);
  assertEquals((await client.ask(HELLO, { port: two!.port })).message, HELLO);
});

Deno.test("listeners: one that is added has its real port, and an address is not listened on twice", async () => {
  await using echo = startEchoServer();
  await using pmmux = await startMultiplexer({ backends: [passTo(echo)] });
  const [binding] = parseBindingSpec(TCP);
  const { port, networkProtocol, address } = await pmmux.multiplexer.addListener(binding!);
  assertEquals([networkProtocol, address], ["tcp", "127.0.0.1"]);
  assertEquals(await exchange(port, HELLO), HELLO);
  const [again] = parseBindingSpec(`!:${port}:tcp:bind-address=127.0.0.1`);
  const { message } = await assertRejects(() => pmmux.multiplexer.addListener(again!), Error);
  assertMatch(message, /this program listens there already$/);
  assertEquals(pmmux.multiplexer.config.portBindings.length, 2);
});

Deno.test("listeners: TCP and UDP share a port, and so do two addresses", async () => {
  await using echo = startEchoServer();
  const port = freePort();
  await using pmmux = await startMultiplexer({
    backends: [passTo(echo)],
    bindings: [`!:${port}:tcp:bind-address=127.0.0.1`, `!:${port}::bind-address=127.0.0.2`],
  });
  assertEquals(pmmux.multiplexer.listeners.length, 3);
  const where = { networkProtocol: "tcp", port, address: "127.0.0.2" } as const;
  assertEquals(await pmmux.multiplexer.removeListener(where), true);
  assertEquals(await exchange(port, HELLO), HELLO);
});

Deno.test("listeners: one that serves several bindings takes all of them along", async () => {
  const port = freePort();
  await using pmmux = await startMultiplexer({
    bindings: [`!:${port}:tcp:bind-address=127.0.0.1`, `80:${port}:tcp:bind-address=127.0.0.1`, TCP],
  });
  const [shared] = pmmux.multiplexer.listeners;
  assertEquals(await pmmux.multiplexer.removeListener(shared!), true);
  assertEquals(pmmux.multiplexer.config.portBindings.map(({ localPort }) => localPort), ["auto"]);
  await pmmux.multiplexer.addBackend(parseBackendSpec("a:noop:"));
  assertEquals(await accepts(port), false);
});

Deno.test("listeners: a connection whose handling fails does not end the accept loop", async () => {
  let calls = 0;
  const observer = new RecordingObserver();
  await using listener = new TcpListener({
    endpoint: { address: "127.0.0.1", port: 0 },
    queueLength: 10,
    observer,
    onConnection: (conn) => {
      conn.close();
      if (++calls === 1) throw new Error("broken");
    },
  });
  for (let i = 1; i <= 2; i++) {
    using _client = await Deno.connect({ hostname: "127.0.0.1", port: listener.endpoint.port });
    await eventually(() => calls === i);
  }
  assertEquals(observer.acceptFailures.length, 1);
});

Deno.test("listeners: connections that were broken off before they were accepted delay nobody", async () => {
  await using echo = startEchoServer();
  await using pmmux = await startMultiplexer({ backends: [passTo(echo)], queueLength: 100 });
  // While this process waits for the other, it accepts nothing.
  const breakOff = `
    import { connect } from "node:net";
    const sockets = Array.from({ length: 50 }, () => connect(${pmmux.port}, "127.0.0.1"));
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.on("connect", resolve))));
    for (const socket of sockets) socket.resetAndDestroy();
  `;
  const { success } = new Deno.Command(Deno.execPath(), { args: ["eval", breakOff] }).outputSync();
  assertEquals(success, true);
  const began = performance.now();
  assertEquals(await exchange(pmmux.port, HELLO), HELLO);
  assertLess(performance.now() - began, 2000);
  assertEquals(pmmux.observer.acceptFailures, []);
});

Deno.test("listeners: a datagram that came just before its socket was closed is not handled", async () => {
  const handled: UdpSocket[] = [];
  // Whoever is first closes the other.
  const onMessage = (socket: UdpSocket) => {
    handled.push(socket);
    for (const other of sockets) if (other !== socket) other[Symbol.asyncDispose]();
  };
  const endpoint = { address: "127.0.0.1", port: 0 };
  const open = () => new UdpSocket({ endpoint, observer: silentObserver, onMessage });
  await using one = open();
  await using two = open();
  const sockets = [one, two];
  await using client = new UdpClient();
  await Promise.all(sockets.map((socket) => client.send(HELLO, socket.endpoint)));
  await eventually(() => handled.length > 0);
  await Promise.all(sockets.map((socket) => socket[Symbol.asyncDispose]()));
  assertEquals(handled.length, 1);
});

Deno.test("listeners: a UDP wildcard follows the addresses of the host as they come and go", async () => {
  let addresses: string[] | undefined = ["127.0.0.1", "::1"];
  await using client = new UdpClient();
  await withFakeTimers(async (clock) => {
    await using listener = udpListener({ localAddresses: () => addresses });
    assertEquals(listener.addresses, ["127.0.0.1"]);
    addresses = ["127.0.0.1", "127.0.0.2", "127.0.0.3"];
    await clock.advance(10_000);
    assertEquals(listener.addresses, ["127.0.0.1", "127.0.0.2", "127.0.0.3"]);
    const { port } = listener.endpoint;
    await client.send(HELLO, { hostname: "127.0.0.3", port });
    while (client.answers.length === 0) await clock.advance(0);
    assertEquals(client.answers[0]?.from, `127.0.0.3:${port}`);
    addresses = ["127.0.0.3"];
    await clock.advance(10_000);
    assertEquals(listener.addresses, ["127.0.0.3"]);
    addresses = undefined;
    await clock.advance(10_000);
    assertEquals(listener.addresses, ["127.0.0.3"], "what cannot be read changes nothing");
  });
});

Deno.test("listeners: a UDP wildcard falls back to one socket where addresses cannot be read", async () => {
  await using listener = udpListener({ localAddresses: () => undefined });
  assertEquals(listener.addresses, ["0.0.0.0"]);
});

Deno.test("listeners: an address that comes and is taken is told, and tried again", async () => {
  const observer = new RecordingObserver();
  const port = freePort("udp");
  let addresses = ["127.0.0.2"];
  await withFakeTimers(async (clock) => {
    await using listener = udpListener({ localAddresses: () => addresses, observer, port });
    {
      using _other = udpSocket(port);
      addresses = ["127.0.0.2", "127.0.0.1", "127.0.0.3"];
      await clock.advance(4000);
      assertEquals(listener.addresses, ["127.0.0.2", "127.0.0.3"]);
      assertEquals(observer.acceptFailures.length, 2);
    }
    await clock.advance(2000);
    assertEquals(listener.addresses, ["127.0.0.2", "127.0.0.3", "127.0.0.1"]);
  });
});

Deno.test("listeners: an address that cannot be used keeps a UDP wildcard from nothing", async () => {
  const observer = new RecordingObserver();
  await withFakeTimers(async (clock) => {
    await using listener = udpListener({ localAddresses: () => ["192.0.2.77", "127.0.0.1"], observer });
    await clock.advance(4000);
    assertEquals([listener.addresses, observer.acceptFailures], [["127.0.0.1"], []]);
  });
});

Deno.test("listeners: a UDP wildcard of which one address is taken opens none", async () => {
  const port = freePort("udp");
  using _other = udpSocket(port);
  const before = countSockets();
  assertThrows(
    () => udpListener({ localAddresses: () => ["127.0.0.2", "127.0.0.1"], port }),
    Deno.errors.AddrInUse,
  );
  await eventually(() => countSockets() === before);
});

Deno.test("listeners: a UDP wildcard on a host without an address takes those that come", async () => {
  let addresses: string[] = [];
  await withFakeTimers(async (clock) => {
    await using listener = udpListener({ localAddresses: () => addresses });
    assertEquals(listener.addresses, ["0.0.0.0"]);
    addresses = ["127.0.0.1"];
    await clock.advance(2000);
    assertEquals(listener.addresses, ["127.0.0.1"]);
  });
});

/** A wildcard listener that echoes. */
function udpListener(
  { port = 0, ...options }: Partial<UdpListenerOptions> & { readonly port?: number },
): UdpListener {
  return new UdpListener({
    endpoint: { address: "0.0.0.0", port },
    observer: silentObserver,
    onMessage: (socket, message, from) => socket.send(message, from).then(() => {}),
    ...options,
  });
}

function udpSocket(port: number): Disposable {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port });
  return { [Symbol.dispose]: () => socket.close() };
}
