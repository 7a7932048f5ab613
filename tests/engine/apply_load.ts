/**
 * Changes of configuration while clients come and go and one stays.
 *
 * @module
 */

import type { Multiplexer } from "../../lib/engine/multiplexer.ts";
import { configOf, passTo, startMultiplexer } from "../net/harness.ts";
import { exchange } from "../support/conversation.ts";
import { eventually } from "../support/eventually.ts";
import { countSockets } from "../support/fds.ts";
import { startEchoServer } from "../support/servers.ts";
import { bytesOf } from "../support/verdicts.ts";

/** How much happens. */
export interface Load {
  readonly applies: number;
  readonly exchangesPerSecond: number;
}

/** What came of it. */
export interface Outcome {
  readonly exchanges: number;
  readonly failures: readonly unknown[];
  /** How many bytes of the long transfer came back, and whether all of them were right. */
  readonly transfer: { readonly bytes: number; readonly isIntact: boolean };
  /** How many sockets there are more than before. */
  readonly leaked: number;
}

const DRAIN_MS = 600_000;
/** Exchanges under way at most: a machine that is too slow for the rate has fewer, not all at once. */
const MOST_AT_ONCE = 50;

/** Swaps the backend with every change; half of the clients are told apart by their bytes. */
export async function applyUnderLoad({ applies, exchangesPerSecond }: Load): Promise<Outcome> {
  await using one = startEchoServer();
  await using two = startEchoServer();
  const configs = [one, two].map((target, i) => ({
    ...configOf({
      backends: [`${passTo(target, "web")},payload=web`, passTo(target, `rest${i}`), "unused:noop:"],
    }),
    drainTimeout: DRAIN_MS,
  }));
  await using pmmux = await startMultiplexer({ drainTimeout: DRAIN_MS });
  await pmmux.multiplexer.apply(configs[0]!);
  const before = countSockets();
  let isOver = false;
  const transfer = transferUntil(pmmux.port, () => isOver);
  const traffic = exchangeUntil(pmmux.port, { isOver: () => isOver, exchangesPerSecond });
  await applyInTurn(pmmux.multiplexer, { configs, applies });
  isOver = true;
  const result = { ...await traffic, transfer: await transfer };
  await eventually(() => pmmux.multiplexer.connections.length === 0);
  await eventually(() => countSockets() <= before, { what: "every socket to be closed" }).catch(() => {});
  return { ...result, leaked: Math.max(0, countSockets() - before) };
}

async function applyInTurn(
  multiplexer: Multiplexer,
  { configs, applies }: {
    readonly configs: readonly Parameters<Multiplexer["apply"]>[0][];
    readonly applies: number;
  },
): Promise<void> {
  for (let i = 1; i <= applies; i++) {
    await multiplexer.apply({ ...configs[i % 2], portBindings: multiplexer.config.portBindings });
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Begins exchanges at a rate, and waits for all of them. */
async function exchangeUntil(
  port: number,
  { isOver, exchangesPerSecond }: { readonly isOver: () => boolean; readonly exchangesPerSecond: number },
): Promise<Pick<Outcome, "exchanges" | "failures">> {
  const failures: unknown[] = [];
  const running = new Set<Promise<void>>();
  let exchanges = 0;
  const began = performance.now();
  while (!isOver()) {
    const due = (performance.now() - began) * exchangesPerSecond / 1000;
    for (; exchanges < due && running.size < MOST_AT_ONCE; exchanges++) {
      const text = `${exchanges % 2 === 0 ? "web" : "other"} ${exchanges} ${"x".repeat(3000)}`;
      const one = exchangeOnce(port, text).catch((error) => void failures.push(error));
      running.add(one);
      one.finally(() => running.delete(one));
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await Promise.all(running);
  return { exchanges, failures };
}

async function exchangeOnce(port: number, text: string): Promise<void> {
  const answer = String.fromCharCode(...await exchange(port, bytesOf(text)));
  if (answer !== text) throw new Error(`"${text.slice(0, 20)}…" came back as "${answer.slice(0, 20)}…"`);
}

/** Sends numbered blocks over one connection, and compares what comes back with what was sent. */
async function transferUntil(port: number, isOver: () => boolean): Promise<Outcome["transfer"]> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const send = async () => {
    const block = new Uint8Array(64 * 1024);
    for (let i = 0; !isOver(); i++) {
      fill(block, i);
      for (let sent = 0; sent < block.length;) sent += await connection.write(block.subarray(sent));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await connection.closeWrite();
  };
  const receive = async () => {
    const buffer = new Uint8Array(64 * 1024);
    const block = new Uint8Array(64 * 1024);
    let bytes = 0;
    let isIntact = true;
    for (let count = await connection.read(buffer); count !== null; count = await connection.read(buffer)) {
      for (let i = 0; i < count; i++, bytes++) {
        if (bytes % block.length === 0) fill(block, bytes / block.length);
        if (buffer[i] !== block[bytes % block.length]) isIntact = false;
      }
    }
    return { bytes, isIntact };
  };
  const [result] = await Promise.all([receive(), send()]);
  return { ...result, isIntact: result.isIntact && result.bytes % (64 * 1024) === 0 };
}

/** Block number `seed`, which no other block is equal to. */
function fill(block: Uint8Array, seed: number): void {
  const words = new Uint32Array(block.buffer);
  for (let i = 0, word = seed + 1; i < words.length; i++) {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    words[i] = word;
  }
}
