import { assert, assertEquals, assertLess } from "@std/assert";
import { detectorNames } from "../../lib/protocol/table.ts";
import { type PacketFixture, packets } from "../fixtures/protocol/packets.ts";
import { readExactly, writeAll } from "../support/conversation.ts";
import { eventually } from "../support/eventually.ts";
import { startEchoServer, type TestServer } from "../support/servers.ts";
import { slowdown } from "./latency.ts";
import { type RunningPmmux, startPmmux } from "./pmmux.ts";
import { descriptorLimit } from "./processes.ts";

const KIBIBYTE = 1024;
const LISTEN = ["-p", "!:?:tcp:bind-address=127.0.0.1", "--queue-length", "4096"];
const MS_PER_BYTE = 10;
/** Longer packets would take longer than a test may. */
const LONGEST_DRIPPED = 520;
/** Some packets are a beginning of other protocols too, which only time can rule out. */
const SELECTION_TIMEOUT = 10_000;
/** A request whose host will be known only when it ends, which it never does. */
const ENDLESS_REQUEST = new TextEncoder().encode("GET / HTTP/1.1\r\nx: ");

function backend(name: string, { port }: TestServer, conditions: string): string[] {
  return ["-b", `${name}:pass:target.ip=127.0.0.1,target.port=${port},${conditions}`];
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Sends a packet to servers that echo it, and gives the port that it was sent from. */
async function send(port: number, { hex }: PacketFixture, { drip }: { drip: boolean }): Promise<number> {
  const bytes = Uint8Array.fromHex(hex);
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  for (const byte of drip ? bytes : []) {
    await writeAll(connection, Uint8Array.of(byte));
    await pause(MS_PER_BYTE);
  }
  if (!drip) await writeAll(connection, bytes);
  assertEquals(await readExactly(connection, bytes.length), bytes);
  return connection.localAddr.port;
}

/** The backend that the client of a port got. */
function routeOf(pmmux: RunningPmmux, port: number): unknown {
  return pmmux.logged({ message: "routed", client: `127.0.0.1:${port}` })[0]?.backend;
}

Deno.test("first packets that come byte by byte go where they go when they come whole", async () => {
  const dripped = packets.filter(({ transport, hex }) =>
    transport === "tcp" && hex.length / 2 <= LONGEST_DRIPPED
  );
  await using echo = startEchoServer();
  await using pmmux = await startPmmux([
    ...detectorNames.flatMap((name) => backend(name, echo, `detect=${name}`)),
    ...["--selection-timeout", String(SELECTION_TIMEOUT), "-v", "debug", ...LISTEN],
  ]);
  const route = async (packet: PacketFixture, drip: boolean) => {
    const from = await send(pmmux.port, packet, { drip });
    return `${packet.protocol}, ${packet.name} → ${routeOf(pmmux, from)}`;
  };
  const routeAll = (drip: boolean) => Promise.all(dripped.map((packet) => route(packet, drip)));
  const [whole, bytewise] = await pmmux.explain(() => Promise.all([routeAll(false), routeAll(true)]));
  assert(whole.length > 50 && !whole.some((line) => line.endsWith("undefined")), whole.join("\n"));
  assertEquals(bytewise, whole);
});

/** Clients that each send a byte a second of a request that never ends. */
async function startDripping(port: number, count: number): Promise<AsyncDisposable> {
  const connections: Deno.TcpConn[] = [];
  for (let i = 0; i < count; i++) {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    connections.push(connection);
    await writeAll(connection, ENDLESS_REQUEST);
  }
  let isOver = false;
  const dripping = (async () => {
    for (let i = 0; !isOver; i = (i + 1) % count) {
      await writeAll(connections[i]!, Uint8Array.of(0x61));
      if (i % 50 === 0) await pause(1000 / (count / 50));
    }
  })();
  // A failure is told when the dripping is over, not in the middle of nowhere.
  dripping.catch(() => {});
  return {
    async [Symbol.asyncDispose]() {
      isOver = true;
      await dripping;
      for (const connection of connections) connection.close();
    },
  };
}

Deno.test("3,000 clients that drip do not double the latency of one that does not", async () => {
  const count = Math.min(3000, Math.floor((descriptorLimit() - 200) / 2));
  await using echo = startEchoServer();
  await using pmmux = await startPmmux([
    ...backend("echo", echo, 'payload="probe"'),
    ...backend("named", echo, "http.host=nobody.test"),
    ...["--selection-timeout", "600000", "--max-connections-per-client", "10000", ...LISTEN],
  ]);
  assertLess(await slowdown(pmmux.port, () => startDripping(pmmux.port, count)), 2);
});

Deno.test("undecided clients cost no more memory than the preview limit allows", async () => {
  const [count, limit] = [1000, 16 * KIBIBYTE];
  await using echo = startEchoServer();
  await using pmmux = await startPmmux([
    ...backend("named", echo, "http.host=nobody.test"),
    ...["-b", "nobody:noop:", "--selection-timeout", "600000"],
    ...["--preview-buffer-limit", String(limit), "--max-connections-per-client", "10000", ...LISTEN],
  ]);
  const connections: Deno.TcpConn[] = [];
  const memory = pmmux.memory;
  const bytes = new Uint8Array(limit - 1).fill(0x61);
  bytes.set(ENDLESS_REQUEST);
  for (let i = 0; i < count; i++) {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: pmmux.port });
    connections.push(connection);
    await writeAll(connection, bytes);
  }
  assertLess((pmmux.memory - memory) / count, limit + 32 * KIBIBYTE, "bytes for each client");
  assertEquals(pmmux.logged({ message: "connection closed" }), []);
  // The byte that fills the preview decides: the fallback gets its turn, which is to close.
  for (const connection of connections) await writeAll(connection, Uint8Array.of(0x61));
  await pmmux.waitForLog({ message: "connection closed", backend: "nobody" }, count);
  for (const connection of connections) connection.close();
  await eventually(() => pmmux.fds < 100);
});
