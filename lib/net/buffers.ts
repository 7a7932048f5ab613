/**
 * The buffers of the data path. A connection that waits holds a small one; one that streams borrows a
 * large one for as long as its reads come back full. Nothing is allocated per chunk.
 *
 * @module
 */

/** What a direction holds while it waits for bytes: a typical request or interactive message fits. */
export const SMALL_BUFFER = 1024;
/** What it reads with next once a small buffer came back full, or a large one no longer does. */
const MEDIUM_BUFFER = 16 * 1024;
/** What a stream at full speed reads with; larger ones gain nothing on loopback. */
const LARGE_BUFFER = 256 * 1024;

/** A free list of equally sized buffers. */
export class BufferPool {
  readonly #free: Uint8Array<ArrayBuffer>[] = [];
  readonly #size: number;
  readonly #keep: number;

  /** A pool of buffers of `size` bytes that keeps at most `keep` of them when they are free. */
  constructor(size: number, keep: number) {
    this.#size = size;
    this.#keep = keep;
  }

  /** A buffer with arbitrary content. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#free.pop() ?? new Uint8Array(this.#size);
  }

  /** Gives a buffer back; the caller must not touch it afterwards. */
  give(buffer: Uint8Array<ArrayBuffer>): void {
    if (this.#free.length < this.#keep) this.#free.push(buffer);
  }
}

/** The three pools that a process's relays share. */
export const pools = {
  small: new BufferPool(SMALL_BUFFER, 4096),
  medium: new BufferPool(MEDIUM_BUFFER, 256),
  large: new BufferPool(LARGE_BUFFER, 16),
} as const;

/**
 * The buffer to read with next. A full read asks for more room, a short one means that the socket is
 * drained and the next read will wait, so it waits with less.
 */
export function nextPool(current: BufferPool, filled: boolean, count: number): BufferPool {
  if (filled) return current === pools.small ? pools.medium : pools.large;
  if (current === pools.large && count > LARGE_BUFFER / 4) return pools.large;
  return count > SMALL_BUFFER ? pools.medium : pools.small;
}
