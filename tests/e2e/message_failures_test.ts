import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { UdpClient } from "../net/udp_client.ts";
import { exchange } from "../support/conversation.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/ports.ts";
import { startEchoServer, startUdpEchoServer } from "../support/servers.ts";
import { startPmmux } from "./pmmux.ts";
import { startUdpServer, type UdpServer } from "./services/udp_server.ts";

const HELLO = new TextEncoder().encode("hello");
const MEBIBYTE = 1024 * 1024;

Deno.test("datagrams to a dead target harm neither the session nor others, and arrive once it lives", async () => {
  const port = freePort("udp");
  await using echo = startUdpEchoServer();
  await using pmmux = await startPmmux([
    ...["-b", `dead:pass:target.ip=127.0.0.1,target.port=${port},payload="wake"`],
    ...["-b", `alive:pass:target.ip=127.0.0.1,target.port=${echo.port}`],
    ...["-p", "!:?:udp:bind-address=127.0.0.1", "-p", "!:?:tcp:bind-address=127.0.0.1"],
  ]);
  const wake = new TextEncoder().encode("wake up");
  await using client = new UdpClient();
  for (let i = 0; i < 20; i++) {
    await client.send(wake, pmmux);
    await using other = new UdpClient();
    assertEquals((await other.ask(HELLO, pmmux)).message, HELLO);
  }
  await using target = startUdpServer((message) => message, { port });
  assertEquals((await client.ask(wake, pmmux)).message, wake);
  assertEquals(target.received.length, 1);
  assertEquals(pmmux.logged({ message: "session ended", backend: "dead" }), []);
});

Deno.test("a burst of new clients that the system's buffers hold loses none of them", async () => {
  const clients = 150;
  await using target = startUdpServer(() => undefined);
  await using pmmux = await startPmmux([
    ...["-b", `target:pass:target.ip=127.0.0.1,target.port=${target.port}`],
    ...["-p", "!:?:udp:bind-address=127.0.0.1", "-p", "!:?:tcp:bind-address=127.0.0.1"],
  ]);
  const sockets = Array.from(
    { length: clients },
    () => Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 }),
  );
  const address = { transport: "udp", hostname: "127.0.0.1", port: pmmux.port } as const;
  await Promise.all(sockets.map((socket) => socket.send(HELLO, address)));
  for (const socket of sockets) socket.close();
  await pmmux.explain(() => eventually(() => target.received.length === clients));
});

/** How the flood is made: from so many ports of each of so many addresses, some at a time, for so long at most. */
const FLOOD = { addresses: 5, ports: 14_000, firstPort: 10_000, atOnce: 100, milliseconds: 20_000 } as const;

/** Sends one datagram from each of 70,000 sockets, and gives how many there was time for. */
async function flood(port: number, { received }: UdpServer): Promise<number> {
  const deadline = performance.now() + FLOOD.milliseconds;
  let [sent, lost] = [0, 0];
  for (let address = 1; address <= FLOOD.addresses; address++) {
    for (let offset = 0; offset < FLOOD.ports; offset++) {
      const from = { hostname: `127.0.9.${address}`, port: FLOOD.firstPort + offset };
      const socket = Deno.listenDatagram({ transport: "udp", ...from });
      await socket.send(HELLO, { transport: "udp", hostname: "127.0.0.1", port });
      socket.close();
      if (++sent % FLOOD.atOnce > 0) continue;
      // What is sent faster than it is read, the system drops, and it makes no session.
      const haveArrived = () => received.length + lost >= sent;
      await eventually(haveArrived, { timeout: 200, interval: 0 }).catch(() => lost = sent - received.length);
      if (performance.now() > deadline) return sent;
    }
  }
  return sent;
}

Deno.test("70,000 clients in a row leave no more sessions than the limit, in bounded memory", async () => {
  const sessions = 2000;
  await using udp = startUdpServer((message) => message);
  await using tcp = startEchoServer();
  await using pmmux = await startPmmux([
    ...["-b", `messages:pass:target.ip=127.0.0.1,target.port=${udp.port},property[socket.type]=dgram`],
    ...["-b", `streams:pass:target.ip=127.0.0.1,target.port=${tcp.port}`],
    ...["--max-udp-sessions", String(sessions), "--udp-session-timeout", "1000"],
    ...["-p", "!:?:udp:bind-address=127.0.0.1", "-p", "!:?:tcp:bind-address=127.0.0.1"],
  ]);
  const [udpPort, tcpPort] = pmmux.ports as [number, number];
  await exchange(tcpPort, HELLO);
  const [fds, memory] = [await pmmux.settledFds(), pmmux.memory];
  let clients: number | undefined;
  const flooding = flood(udpPort, udp).then((count) => clients = count);
  let most = 0;
  while (clients === undefined) {
    assertEquals(await exchange(tcpPort, HELLO), HELLO);
    most = Math.max(most, pmmux.fds);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const sent = await flooding;
  if (sent < FLOOD.addresses * FLOOD.ports) console.log(`There was time for ${sent} clients only`);
  assertGreater(udp.received.length, 0.9 * sent, `datagrams of ${sent} that arrived`);
  // A socket is closed a moment after its session has made room.
  assertLess(most, fds + 1.25 * sessions, "descriptors");
  assertLess(pmmux.memory - memory, 256 * MEBIBYTE, "bytes");
  await using client = new UdpClient();
  assertEquals((await client.ask(HELLO, { port: udpPort })).message, HELLO);
  await eventually(() => pmmux.fds <= fds, { timeout: 10_000, what: "the sessions to end" });
});
