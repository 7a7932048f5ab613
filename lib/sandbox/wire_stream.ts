/**
 * A connection over the wire: bytes both ways with credit, each direction ending on its own.
 *
 * Each side may send as many bytes as the other has given it credit for, whole frames counted. Credit comes
 * back as bytes are consumed, so a slow reader slows the writer on the other side, and neither side ever
 * holds more than one window of a direction.
 *
 * A stream is over when both sides have sent `close`; each sends it once, and answers one with its own.
 *
 * @module
 */

import type { Connection } from "../routing/client.ts";
import { CHUNK_BYTES, frameCost, type FrameKind, type FrameParts, giveBack } from "./wire.ts";

/** The bytes, frame headers included, that may be under way in one direction. */
export const WINDOW_BYTES = 512 * 1024;

/** Sends a frame to the other side. */
export type SendFrame = (kind: FrameKind, parts: FrameParts) => void;

/** What a stream works with. */
export interface WireStreamOptions {
  /** The id on the wire. */
  readonly id: number;
  /** Sends a frame. */
  readonly send: SendFrame;
  /** Called once, when neither side will send anything more for this stream. */
  readonly onOver: () => void;
}

/** Less credit than this is not worth a frame of its own, and is not taken either. */
const CREDIT_STEP = WINDOW_BYTES / 4;

/** One end of a stream. */
export class WireStream implements Connection {
  readonly #options: WireStreamOptions;
  readonly #received: Uint8Array<ArrayBuffer>[] = [];
  /** What this side may still send. */
  #credit = WINDOW_BYTES;
  /** What the other side may still send. */
  #allowance = WINDOW_BYTES;
  /** Consumed and not yet given back. */
  #consumed = 0;
  #isEnded = false;
  #sentEnd = false;
  #sentClose = false;
  #gotClose = false;
  #failure: string | undefined;
  #reader: (() => void) | undefined;
  #writer: (() => void) | undefined;

  /** An open stream. */
  constructor(options: WireStreamOptions) {
    this.#options = options;
  }

  /** Reads what the other side sent; `null` at its end; fails once the stream is broken. */
  async read(buffer: Uint8Array): Promise<number | null> {
    const chunk = await this.take(buffer.length);
    if (chunk === null) return null;
    const { length } = chunk;
    buffer.set(chunk);
    // The frame's last bytes: its memory is free for another one.
    if (chunk.byteOffset + length === chunk.buffer.byteLength) giveBack(new Uint8Array(chunk.buffer));
    return length;
  }

  /** Like `read`, for who can use the bytes where they are. */
  async take(limit: number = CHUNK_BYTES): Promise<Uint8Array<ArrayBuffer> | null> {
    while (this.#received.length === 0) {
      if (this.#failure !== undefined) throw new Error(this.#failure);
      if (this.#isEnded) return null;
      if (this.#isClosed) throw new Error("the stream is closed");
      await new Promise<void>((resolve) => this.#reader = resolve);
    }
    const [first] = this.#received;
    const chunk = first!.subarray(0, limit);
    if (chunk.length === first!.length) {
      this.#received.shift();
      this.#consume(frameCost(chunk.length));
    } else {
      this.#received[0] = first!.subarray(limit);
      this.#consume(chunk.length);
    }
    return chunk;
  }

  /** Sends a part of the bytes, as much as the credit allows; waits while there is none. */
  async write(bytes: Uint8Array): Promise<number> {
    while (this.#credit <= frameCost(0) && !this.#isBroken) {
      await new Promise<void>((resolve) => this.#writer = resolve);
    }
    if (this.#isBroken || this.#sentEnd) throw new Error(this.#failure ?? "the stream is closed");
    const count = Math.min(bytes.length, CHUNK_BYTES, this.#credit - frameCost(0));
    this.#credit -= frameCost(count);
    this.#send("data", { bytes: count === bytes.length ? bytes : bytes.subarray(0, count) });
    return count;
  }

  /** Tells the other side that nothing more will be sent. */
  closeWrite(): void {
    if (this.#sentEnd || this.#sentClose) return;
    this.#sentEnd = true;
    this.#send("end", {});
  }

  /** Ends both directions; for a reason if something broke. */
  close(reason?: string): void {
    if (this.#sentClose) return;
    this.#sentClose = true;
    const isLast = this.#gotClose;
    this.#send("close", reason === undefined ? {} : { head: { reason } });
    this.#received.length = 0;
    this.#wakeAll();
    if (isLast) this.#options.onOver();
  }

  /** Takes bytes of the other side, which nobody else uses; false if it had no credit for them or had said that it was done. */
  onData(bytes: Uint8Array<ArrayBuffer>): boolean {
    const cost = frameCost(bytes.length);
    if (cost > this.#allowance || this.#isEnded || this.#gotClose) return false;
    this.#allowance -= cost;
    if (this.#sentClose || bytes.length === 0) return true;
    this.#received.push(bytes);
    this.#wakeReader();
    return true;
  }

  /** Takes credit of the other side; false if it is more than was used, or too little to be worth a frame. */
  onCredit(bytes: number): boolean {
    if (bytes < CREDIT_STEP || this.#credit + bytes > WINDOW_BYTES) return false;
    this.#credit += bytes;
    this.#wakeWriter();
    return true;
  }

  /** The other side will send no more bytes; false if it has said so before. */
  onEnd(): boolean {
    if (this.#isEnded || this.#gotClose) return false;
    this.#isEnded = true;
    this.#wakeReader();
    return true;
  }

  /** The other side has closed the stream; with a reason if something broke there. */
  onClose(reason?: string): boolean {
    if (this.#gotClose) return false;
    this.#gotClose = true;
    this.#failure = reason;
    this.#wakeAll();
    if (this.#sentClose) this.#options.onOver();
    else if (reason !== undefined || this.#received.length === 0) this.close();
    return true;
  }

  /** Breaks the stream without a word to the other side, which is gone. */
  abandon(reason: string): void {
    this.#failure ??= reason;
    this.#sentClose = true;
    this.#gotClose = true;
    this.#wakeAll();
  }

  get #isClosed(): boolean {
    return this.#sentClose || this.#gotClose;
  }

  get #isBroken(): boolean {
    return this.#failure !== undefined || this.#isClosed;
  }

  #consume(cost: number): void {
    this.#consumed += cost;
    if (this.#consumed < CREDIT_STEP || this.#isEnded || this.#isClosed) return;
    this.#allowance += this.#consumed;
    this.#send("credit", { head: { bytes: this.#consumed } });
    this.#consumed = 0;
  }

  #send(kind: FrameKind, parts: FrameParts): void {
    this.#options.send(kind, { id: this.#options.id, ...parts });
  }

  #wakeAll(): void {
    this.#wakeReader();
    this.#wakeWriter();
  }

  #wakeReader(): void {
    this.#reader?.();
    this.#reader = undefined;
  }

  #wakeWriter(): void {
    this.#writer?.();
    this.#writer = undefined;
  }
}
