/**
 * Buffers that hold any UDP datagram. They are cut from large blocks, of which the system only backs the
 * pages that datagrams have touched: many waiting sessions cost little.
 *
 * @module
 */

import type { DatagramBuffers } from "../routing/backend_module.ts";

/** No UDP payload is longer. */
const LONGEST_DATAGRAM = 65_536;

const PER_BLOCK = 16;
const free: Uint8Array<ArrayBuffer>[] = [];

/** The buffers that all sessions of the process share. */
export const datagramBuffers: DatagramBuffers = {
  take() {
    if (free.length === 0) {
      const block = new ArrayBuffer(PER_BLOCK * LONGEST_DATAGRAM);
      for (let i = 0; i < PER_BLOCK; i++) {
        free.push(new Uint8Array(block, i * LONGEST_DATAGRAM, LONGEST_DATAGRAM));
      }
    }
    return free.pop()!;
  },
  give(buffer) {
    free.push(buffer);
  },
};
