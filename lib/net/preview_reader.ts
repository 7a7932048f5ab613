/**
 * Reads a client's first bytes for as long as somebody needs them, and keeps them for the relay.
 *
 * @module
 */

import type { Connection } from "../routing/client.ts";
import type { Inspection } from "../routing/inspection.ts";
import { SMALL_BUFFER } from "./buffers.ts";
import { deadline } from "./deadlines.ts";
import { clientGone } from "./refusal.ts";
import type { Head, PendingRead } from "./relay.ts";

/** How much is read ahead, and for how long. */
export interface PreviewLimits {
  /** Bytes, at most. */
  readonly previewBufferLimit: number;
  /** Milliseconds of waiting, until a client must have sent its first byte. */
  readonly silenceTimeout: number;
  /** Milliseconds of waiting, until the selection must be over. */
  readonly selectionTimeout: number;
}

/** The growing preview of one stream. */
export class PreviewReader {
  readonly #stream: Connection;
  readonly #inspection: Inspection;
  readonly #limits: PreviewLimits;
  #buffer: Uint8Array<ArrayBuffer> | undefined;
  #start = 0;
  #length = 0;
  #pending: PendingRead | undefined;
  #finished = false;
  /** Milliseconds that were spent waiting; what a dial takes in between does not count. */
  #waited = 0;

  /** A reader that has read nothing yet; what it reads appears in the inspection. */
  constructor(stream: Connection, inspection: Inspection, limits: PreviewLimits) {
    this.#stream = stream;
    this.#inspection = inspection;
    this.#limits = limits;
  }

  /**
   * Waits for more bytes and shows them in the inspection, which has `ended` when no more will come: the
   * client closed, the buffer is full, or time is up. A read that is still under way then is handed over
   * with {@linkcode PreviewReader.head}.
   *
   * @throws {Refusal} when the client is gone.
   */
  async more(): Promise<void> {
    const { previewBufferLimit, silenceTimeout, selectionTimeout } = this.#limits;
    const budget = this.#length === this.#start
      ? Math.min(silenceTimeout, selectionTimeout)
      : selectionTimeout;
    const left = budget - this.#waited;
    if (left <= 0 || this.#finished) return this.#end();
    this.#pending ??= this.#read(previewBufferLimit);
    const began = performance.now();
    const hasArrived = await arrives(this.#pending.count, left);
    this.#waited += performance.now() - began;
    if (!hasArrived) return this.#end();
    let count: number | null;
    try {
      count = await this.#pending.count;
    } catch (error) {
      throw clientGone(error);
    }
    this.#pending = undefined;
    if (count === null) {
      this.#finished = true;
      return this.#end();
    }
    this.#length += count;
    this.#show();
    if (this.#length >= previewBufferLimit) this.#end();
  }

  /** Removes bytes from the front: a header that was meant for us alone. */
  consume(count: number): void {
    this.#start += count;
    this.#show();
  }

  /** What the relay has to deliver first. */
  head(): Head | undefined {
    if (this.#buffer === undefined) return undefined;
    const pending = this.#finished
      ? { count: Promise.resolve(null), buffer: this.#buffer.subarray(this.#length) }
      : this.#pending;
    return { bytes: this.#inspection.bytes, pending };
  }

  #read(limit: number): PendingRead {
    if (this.#buffer === undefined) this.#buffer = new Uint8Array(Math.min(SMALL_BUFFER, limit));
    if (this.#length === this.#buffer.length) {
      const larger = new Uint8Array(Math.min(this.#buffer.length * 4, limit));
      larger.set(this.#buffer);
      this.#buffer = larger;
      this.#show();
    }
    const buffer = this.#buffer.subarray(this.#length);
    return { count: this.#stream.read(buffer), buffer };
  }

  #show(): void {
    this.#inspection.bytes = this.#buffer!.subarray(this.#start, this.#length);
  }

  #end(): void {
    this.#inspection.ended = true;
  }
}

/** Whether a read returns, or fails, within a time. */
function arrives(read: Promise<unknown>, milliseconds: number): Promise<boolean> {
  return new Promise((resolve) => {
    const limit = deadline(milliseconds, () => resolve(false));
    const settled = () => {
      limit.cancel();
      resolve(true);
    };
    read.then(settled, settled);
  });
}
