import { assert, assertEquals, assertLess } from "@std/assert";
import { readExactly, writeAll } from "../support/conversation.ts";
import { eventually } from "../support/eventually.ts";
import { startTcpServer, type TcpTestServer } from "../support/servers.ts";
import { receivePattern, type SendOptions, sendPattern } from "./pattern_stream.ts";
import { type RunningPmmux, startPmmux } from "./pmmux.ts";

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;
const GIBIBYTE = 1024 * MEBIBYTE;
/** Seconds that the transfers of one test should take about, and bytes that they are cut to for it. */
const BUDGET = 5;
const LEAST = 32 * MEBIBYTE;

/** Asked for a length, eight bytes long, sends so much of the pattern and closes. */
function startPatternServer(options: SendOptions = {}): TcpTestServer {
  return startTcpServer(async (connection) => {
    const length = new DataView((await readExactly(connection, 8)).buffer).getBigUint64(0);
    await sendPattern(connection, Number(length), options);
  });
}

function request(length: number): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setBigUint64(0, BigInt(length));
  return new Uint8Array(bytes.buffer);
}

function startInFrontOf({ port }: TcpTestServer): Promise<RunningPmmux> {
  return startPmmux([
    ...["-b", `target:pass:target.ip=127.0.0.1,target.port=${port}`],
    ...["-p", "!:?:tcp:bind-address=127.0.0.1"],
  ]);
}

/** Asks for so many bytes and checks them all. */
async function download(port: number, length: number): Promise<void> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await writeAll(connection, request(length));
  assertEquals(await receivePattern(connection), length);
}

/** Sends so many bytes to a server that echoes them, and checks what comes back. */
async function sendBothWays(port: number, length: number): Promise<void> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const [count] = await Promise.all([
    receivePattern(connection),
    sendPattern(connection, length).then(() => connection.closeWrite()),
  ]);
  assertEquals(count, length);
}

/** Runs transfers of the given lengths, each cut by what this machine can do in the time there is. */
async function transferAll(
  transfer: (length: number) => Promise<void>,
  groups: readonly (readonly number[])[],
): Promise<void> {
  await transfer(LEAST);
  const began = performance.now();
  await transfer(LEAST);
  const rate = LEAST / (performance.now() - began) * 1000;
  const total = groups.flat().reduce((sum, length) => sum + length);
  const scale = Math.min(1, rate * BUDGET / total);
  for (const group of groups) {
    await Promise.all(group.map((length) => transfer(Math.max(LEAST, Math.floor(length * scale)))));
  }
}

Deno.test("large answers arrive whole, one after another and many at once", async () => {
  await using server = startPatternServer();
  await using pmmux = await startInFrontOf(server);
  const [fds, memory] = [await pmmux.settledFds(), pmmux.memory];
  await pmmux.explain(() =>
    transferAll((length) => download(pmmux.port, length), [
      [2 * GIBIBYTE],
      Array(5).fill(GIBIBYTE),
      Array(10).fill(512 * MEBIBYTE),
    ])
  );
  assertLess(pmmux.memory - memory, 96 * MEBIBYTE);
  await eventually(() => pmmux.fds <= fds);
});

Deno.test("large streams in both directions at once arrive whole", async () => {
  await using server = startTcpServer(async (connection) => {
    const buffer = new Uint8Array(256 * KIBIBYTE);
    for (let count = await connection.read(buffer); count !== null; count = await connection.read(buffer)) {
      await writeAll(connection, buffer.subarray(0, count));
    }
  });
  await using pmmux = await startInFrontOf(server);
  const [fds, memory] = [await pmmux.settledFds(), pmmux.memory];
  await pmmux.explain(() =>
    transferAll((length) => sendBothWays(pmmux.port, length), [[2 * GIBIBYTE], Array(5).fill(512 * MEBIBYTE)])
  );
  assertLess(pmmux.memory - memory, 96 * MEBIBYTE);
  await eventually(() => pmmux.fds <= fds);
});

Deno.test("a client that closes in the middle of an answer stops the server behind pmmux", async () => {
  await using server = startPatternServer();
  await using pmmux = await startInFrontOf(server);
  const fds = await pmmux.settledFds();
  for (const until of [64 * KIBIBYTE, MEBIBYTE]) {
    await Promise.all(Array.from({ length: 5 }, async () => {
      using connection = await Deno.connect({ hostname: "127.0.0.1", port: pmmux.port });
      await writeAll(connection, request(2 * GIBIBYTE));
      assert(await receivePattern(connection, { until }) >= until);
    }));
    await eventually(() => server.open === 0, { what: "the server to notice" });
  }
  await eventually(() => pmmux.fds <= fds);
  await download(pmmux.port, MEBIBYTE);
});

Deno.test("a client that reads slowly gets everything, while pmmux holds back little of it", async () => {
  const length = 128 * MEBIBYTE;
  await using server = startPatternServer();
  await using pmmux = await startInFrontOf(server);
  await download(pmmux.port, MEBIBYTE);
  const memory = pmmux.memory;
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: pmmux.port });
  await writeAll(connection, request(length));
  const before = () => new Promise<void>((resolve) => setTimeout(resolve, 5));
  const early = await receivePattern(connection, { before, until: 16 * MEBIBYTE });
  assertLess(pmmux.memory - memory, 16 * MEBIBYTE);
  assertEquals(early + await receivePattern(connection, { from: early }), length);
});

Deno.test("an answer that comes in fits and starts arrives whole", async () => {
  // Pieces of 1 to 700,000 bytes, of all sizes in between.
  const pieceAt = (offset: number) => 1 + (offset * 7919 + 104_729) % 700_000;
  const before = () => new Promise<void>((resolve) => setTimeout(resolve, Math.random() * 10));
  await using server = startPatternServer({ pieceAt, before });
  await using pmmux = await startInFrontOf(server);
  await download(pmmux.port, 100 * MEBIBYTE);
});
