/**
 * Writing all of some bytes.
 *
 * @module
 */

import type { Connection } from "../routing/client.ts";

/**
 * Writes the bytes from a position on.
 *
 * @throws {Error} if an end takes none: it is broken, and must not be asked for ever.
 */
export async function writeAll(
  target: Pick<Connection, "write">,
  bytes: Uint8Array,
  written = 0,
): Promise<void> {
  while (written < bytes.length) {
    const count = await target.write(bytes.subarray(written));
    if (!(count > 0)) throw new Error(`took ${count} of ${bytes.length - written} bytes`);
    written += count;
  }
}
