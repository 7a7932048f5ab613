/**
 * Long streams whose every byte can be checked at the speed of memory.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { writeAll } from "../support/conversation.ts";

/** No power of two, so that a shift by any usual buffer size shows. */
const PERIOD = 1_000_003;
const CHUNK = 256 * 1024;

/** Two periods, so that a piece of up to one period is contiguous wherever it begins. */
const pattern: Uint8Array = twice(randomBytes(PERIOD));

/** How a stream is sent. */
export interface SendOptions {
  /** Bytes of the piece that is sent at an offset, at most 1,000,003; 256 KiB unless given. */
  readonly pieceAt?: (offset: number) => number;
  /** What happens before each piece. */
  readonly before?: () => Promise<void>;
}

/** Sends so many bytes of the pattern. */
export async function sendPattern(
  connection: Deno.Conn,
  length: number,
  options: SendOptions = {},
): Promise<void> {
  const { pieceAt = () => CHUNK, before } = options;
  for (let offset = 0; offset < length;) {
    await before?.();
    const piece = patternAt(offset, Math.min(pieceAt(offset), length - offset));
    await writeAll(connection, piece);
    offset += piece.length;
  }
}

/** How a stream is received. */
export interface ReceiveOptions {
  /** Where in the pattern it begins; at its start unless given. */
  readonly from?: number;
  /** Bytes after which reading stops; at the end of the stream unless given. */
  readonly until?: number;
  /** What happens before each read. */
  readonly before?: () => Promise<void>;
}

/**
 * Receives the pattern, and gives how many bytes of it came.
 *
 * @throws {Error} at the first piece that differs.
 */
export async function receivePattern(connection: Deno.Conn, options: ReceiveOptions = {}): Promise<number> {
  const { from = 0, until = Infinity, before } = options;
  const buffer = Buffer.alloc(CHUNK);
  let offset = from;
  while (offset - from < until) {
    await before?.();
    const count = await connection.read(buffer);
    if (count === null) break;
    if (!buffer.subarray(0, count).equals(patternAt(offset, count))) {
      throw new Error(`What came between ${offset} and ${offset + count} is not what was sent`);
    }
    offset += count;
  }
  return offset - from;
}

function patternAt(offset: number, length: number): Uint8Array {
  const start = offset % PERIOD;
  return pattern.subarray(start, start + length);
}

function randomBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const atOnce = 65_536;
  for (let i = 0; i < length; i += atOnce) crypto.getRandomValues(bytes.subarray(i, i + atOnce));
  return bytes;
}

function twice(bytes: Uint8Array): Uint8Array {
  const both = new Uint8Array(2 * bytes.length);
  both.set(bytes);
  both.set(bytes, bytes.length);
  return both;
}
