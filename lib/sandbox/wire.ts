/**
 * The wire between a host and its guest: frames over a stream of bytes, the same over a Unix socket and
 * over the messages of a Worker.
 *
 * A frame is, in network byte order:
 *
 *     0  u32  how many bytes follow, 9 to MAX_FRAME_BYTES
 *     4  u8   kind: the position in FRAME_KINDS
 *     5  u32  id of the call, stream or session that it belongs to; 0 for none
 *     9  u32  length of the head
 *    13  the head: JSON in UTF-8, absent where the length is 0
 *        the rest: raw bytes
 *
 * Everything that arrives is checked here for its form and by the reader of each kind for its content; the
 * other side is never trusted with a length or an id.
 *
 * @module
 */

/** What a frame is for. The position is its number on the wire: only ever append. */
export const FRAME_KINDS = [
  // Both ways: bytes of a connection.
  "data",
  "credit",
  "end",
  "close",
  // Host to guest.
  "source",
  "create",
  "dispose",
  "ping",
  "preview",
  "judge",
  "forget",
  "connect",
  "judge-message",
  "message",
  "session-end",
  "check",
  "cancel",
  // Guest to host.
  "hello",
  "created",
  "disposed",
  "failed",
  "pong",
  "verdict",
  "dial",
  "connection",
  "refusal",
  "handled",
  "reply",
  "health",
  "log",
  "metrics",
] as const;

/** The name of a kind of frame. */
export type FrameKind = typeof FRAME_KINDS[number];

/** One frame. */
export interface Frame {
  /** What it is for. */
  readonly kind: FrameKind;
  /** The call, stream or session that it belongs to; 0 for none. */
  readonly id: number;
  /** The parsed head; undefined if there is none. Not validated, and not to be changed. */
  readonly head?: unknown;
  /** The raw bytes; empty if there are none. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What a frame is made of. */
export interface FrameParts {
  /** The call, stream or session that it belongs to; 0 unless given. */
  readonly id?: number;
  /** Anything that JSON can say; or its encoding, from {@linkcode encodeHead}. */
  readonly head?: unknown;
  /** Raw bytes; copied. */
  readonly bytes?: Uint8Array;
}

/** The version of the wire that both sides must speak. */
export const WIRE_VERSION = 1;

/** What stands before a frame's head and bytes. */
export const FRAME_HEADER_BYTES = 13;

/** What a frame may have behind its length: room for any datagram and any preview property list. */
export const MAX_FRAME_BYTES = 256 * 1024;

/** How many raw bytes are put into one frame where there are more. */
export const CHUNK_BYTES = 200 * 1024;

/** Longer heads tell of clients, of whom no two are the same. */
const MAX_KEPT_HEAD = 128;
/** Shorter frames cost next to nothing. */
const LEAST_SPARE_BYTES = 16 * 1024;
/** A stream has few lengths: its chunks are whole, or what the credit leaves. */
const MAX_SPARE = 8;
const LENGTH_BYTES = 4;
const LEAST_LENGTH = FRAME_HEADER_BYTES - LENGTH_BYTES;
const NO_BYTES = new Uint8Array(0);

const kindNumbers: ReadonlyMap<FrameKind, number> = new Map(FRAME_KINDS.map((kind, index) => [kind, index]));
const encoder = new TextEncoder();
/** Frames that were sent and will be overwritten as a whole, the last one given back last. */
const spare: Uint8Array<ArrayBuffer>[] = [];

/** Bytes that are no frames. What follows them cannot be read, so the wire is of no more use. */
export class WireError extends Error {
  override readonly name = "WireError";
}

/**
 * Encodes a frame.
 *
 * @throws {RangeError} if it is longer than {@linkcode MAX_FRAME_BYTES}.
 *
 * @example
 * ```ts
 * import { encodeFrame, FrameDecoder } from "./wire.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const encoded = encodeFrame("verdict", { id: 7, head: { verdict: "match" } });
 * const [frame] = new FrameDecoder().decode(encoded);
 * assertEquals(frame?.id, 7);
 * assertEquals(frame?.head, { verdict: "match" });
 * ```
 */
export function encodeFrame(
  kind: FrameKind,
  { id = 0, head, bytes = NO_BYTES }: FrameParts = {},
): Uint8Array<ArrayBuffer> {
  const encodedHead = head === undefined ? NO_BYTES : head instanceof Uint8Array ? head : encodeHead(head);
  const length = LEAST_LENGTH + encodedHead.length + bytes.length;
  if (length > MAX_FRAME_BYTES) {
    throw new RangeError(`Cannot encode a "${kind}" frame of ${length} bytes: at most ${MAX_FRAME_BYTES}`);
  }
  const frame = takeSpare(LENGTH_BYTES + length) ?? new Uint8Array(LENGTH_BYTES + length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, length);
  view.setUint8(4, kindNumbers.get(kind)!);
  view.setUint32(5, id);
  view.setUint32(9, encodedHead.length);
  frame.set(encodedHead, FRAME_HEADER_BYTES);
  frame.set(bytes, FRAME_HEADER_BYTES + encodedHead.length);
  return frame;
}

/**
 * Gives back a frame that was sent, or the bytes of one that was received, for the next of that length: a stream
 * would otherwise have the system find new memory for each of its chunks. Nobody may refer to it afterwards.
 */
export function giveBack(frame: Uint8Array<ArrayBuffer>): void {
  if (frame.length < LEAST_SPARE_BYTES || frame.length !== frame.buffer.byteLength) return;
  if (spare.length === MAX_SPARE) spare.shift();
  spare.push(frame);
}

function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = takeSpare(bytes.length);
  if (copy === undefined) return new Uint8Array(bytes);
  copy.set(bytes);
  return copy;
}

function takeSpare(length: number): Uint8Array<ArrayBuffer> | undefined {
  if (length < LEAST_SPARE_BYTES) return undefined;
  const index = spare.findIndex((frame) => frame.length === length);
  return index < 0 ? undefined : spare.splice(index, 1)[0];
}

/** Encodes a head that is sent more than once. */
export function encodeHead(head: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(head));
}

/** What a frame of so many raw bytes and no head takes on the wire. Flow control counts this. */
export function frameCost(bytes: number): number {
  return FRAME_HEADER_BYTES + bytes;
}

/**
 * Takes frames out of a stream of bytes that may be cut anywhere. Time is linear in the bytes, and it holds
 * at most one incomplete frame.
 */
export class FrameDecoder {
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  /** The start of an incomplete frame. */
  #partial = new Uint8Array(1024);
  #filled = 0;
  /** The last head, and what it means. */
  #head: Uint8Array = NO_BYTES;
  #meaning: unknown;

  /**
   * The frames that these bytes complete, which are not referred to afterwards.
   *
   * @throws {WireError} if they are none.
   */
  decode(chunk: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#filled > 0) {
        rest = rest.subarray(this.#fill(rest));
        const whole = this.#partial.subarray(0, this.#filled);
        const total = totalLength(whole);
        if (total === undefined || this.#filled < total) continue;
        frames.push(this.#read(whole));
        this.#filled = 0;
        continue;
      }
      const total = totalLength(rest);
      if (total === undefined || rest.length < total) {
        this.#filled = 0;
        this.#keep(rest);
        break;
      }
      frames.push(this.#read(rest.subarray(0, total)));
      rest = rest.subarray(total);
    }
    return frames;
  }

  /** Adds what the incomplete frame lacks; answers how many bytes that took. */
  #fill(rest: Uint8Array): number {
    const wanted = totalLength(this.#partial.subarray(0, this.#filled)) ?? LENGTH_BYTES;
    const count = Math.min(wanted - this.#filled, rest.length);
    this.#keep(rest.subarray(0, count));
    return count;
  }

  #keep(bytes: Uint8Array): void {
    const needed = this.#filled + bytes.length;
    if (needed > this.#partial.length) {
      const larger = new Uint8Array(Math.max(needed, this.#partial.length * 2));
      larger.set(this.#partial.subarray(0, this.#filled));
      this.#partial = larger;
    }
    this.#partial.set(bytes, this.#filled);
    this.#filled = needed;
  }

  #read(frame: Uint8Array): Frame {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    const kind = FRAME_KINDS[view.getUint8(4)];
    if (kind === undefined) throw new WireError(`There is no frame of kind ${view.getUint8(4)}`);
    const id = view.getUint32(5);
    const headLength = view.getUint32(9);
    const bytesAt = FRAME_HEADER_BYTES + headLength;
    if (bytesAt > frame.length) {
      throw new WireError(`The head of a "${kind}" frame is ${headLength} bytes, longer than the frame`);
    }
    const bytes = bytesAt === frame.length ? NO_BYTES : copyOf(frame.subarray(bytesAt));
    if (headLength === 0) return { kind, id, bytes };
    return { kind, id, head: this.#parse(kind, frame.subarray(FRAME_HEADER_BYTES, bytesAt)), bytes };
  }

  /** Verdicts, dials and credits are mostly those of last time. */
  #parse(kind: FrameKind, head: Uint8Array): unknown {
    if (isSame(head, this.#head)) return this.#meaning;
    try {
      this.#meaning = JSON.parse(this.#decoder.decode(head));
    } catch {
      throw new WireError(`The head of a "${kind}" frame is no JSON`);
    }
    this.#head = head.length <= MAX_KEPT_HEAD ? head.slice() : NO_BYTES;
    return this.#meaning;
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The length of the frame that begins here, with its length field; undefined while that is incomplete. */
function totalLength(bytes: Uint8Array): number | undefined {
  if (bytes.length < LENGTH_BYTES) return undefined;
  const length = new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES).getUint32(0);
  if (length >= LEAST_LENGTH && length <= MAX_FRAME_BYTES) return LENGTH_BYTES + length;
  throw new WireError(`A frame of ${length} bytes: it must be ${LEAST_LENGTH} to ${MAX_FRAME_BYTES}`);
}
