/**
 * The buffers of the data path. A connection that waits holds a small one; one that streams borrows a
 * large one for as long as its reads come back full. Nothing is allocated per chunk.
 *
 * @module
 */

/** What a direction holds while it waits for bytes: a typical request or interactive message fits. */
export const SMALL_BUFFER = 1024;

/** How many of the largest buffers are lent at once: slow readers behind fast clients could take any number. */
const HUGE_AT_ONCE = 32;

/** A free list of equally sized buffers. */
export class BufferPool {
  /** The bytes of each buffer. */
  readonly size: number;
  /** How many buffers are with connections. */
  lent = 0;
  readonly #free: Uint8Array<ArrayBuffer>[] = [];
  readonly #keep: number;

  /** A pool of buffers of `size` bytes that keeps at most `keep` of them when they are free. */
  constructor(size: number, keep: number) {
    this.size = size;
    this.#keep = keep;
  }

  /** A buffer with arbitrary content. */
  take(): Uint8Array<ArrayBuffer> {
    this.lent++;
    return this.#free.pop() ?? new Uint8Array(this.size);
  }

  /** Gives a buffer back; the caller must not touch it afterwards. */
  give(buffer: Uint8Array<ArrayBuffer>): void {
    this.lent--;
    if (this.#free.length < this.#keep) this.#free.push(buffer);
  }

  /** Gives up a buffer of a broken connection, which a module may still write to. */
  abandon(): void {
    this.lent--;
  }
}

/** The pools that a process's relays share. */
export const pools = {
  small: new BufferPool(SMALL_BUFFER, 4096),
  medium: new BufferPool(16 * 1024, 256),
  large: new BufferPool(128 * 1024, 32),
  /** For a few streams at full speed: each byte costs an eighth to a quarter less than with 256 KiB. */
  huge: new BufferPool(1024 * 1024, 8),
} as const;

/**
 * The pool of the buffer to read with next. A full read asks for more room. A short one means that the socket is
 * drained and the next read will wait, so it waits with what would have been enough, and never with the most.
 */
export function nextPool(current: BufferPool, count: number): BufferPool {
  const { small, medium, large, huge } = pools;
  if (count === current.size) {
    if (current === small) return medium;
    return current === medium || (current === large && huge.lent >= HUGE_AT_ONCE) ? large : huge;
  }
  if (count <= small.size) return small;
  return count <= medium.size ? medium : large;
}
