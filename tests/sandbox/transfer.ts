/**
 * A transfer that goes on while something else happens.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { readExactly, writeAll } from "../support/conversation.ts";

/** A transfer that goes on. */
export interface Transfer {
  /** Bytes that have come back so far. */
  readonly bytes: number;
  /** The longest time that one block took to come back, in milliseconds. */
  readonly longest: number;
  /** Ends it; fails if anything was lost or changed. */
  stop(): Promise<void>;
}

const BLOCK = 64 * 1024;
const PAUSE_MS = 2;

/** Sends blocks, each unlike the one before, through a port that echoes, and checks what comes back. */
export async function startTransfer(port: number): Promise<Transfer> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const block = Uint8Array.from({ length: BLOCK }, (_, index) => index * 31);
  let [bytes, longest, isOver] = [0, 0, false];
  const running = (async () => {
    for (let round = 0; !isOver; round++) {
      block[round % BLOCK]! ^= round;
      const began = performance.now();
      const [answer] = await Promise.all([readExactly(connection, BLOCK), writeAll(connection, block)]);
      assertEquals(answer, block, `block ${round} changed`);
      longest = Math.max(longest, performance.now() - began);
      bytes += BLOCK;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  })();
  running.catch(() => {});
  return {
    get bytes() {
      return bytes;
    },
    get longest() {
      return longest;
    },
    async stop() {
      isOver = true;
      try {
        await running;
      } finally {
        connection.close();
      }
    },
  };
}
