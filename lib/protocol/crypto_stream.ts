/**
 * Puts the pieces of QUIC's handshake in order.
 *
 * @module
 */

/**
 * The bytes that CRYPTO frames carry, in whatever order and as often as they arrive (RFC 9000 section 19.6).
 * It holds no more than twice the limit that it is given.
 *
 * @example
 * ```ts
 * import { CryptoStream } from "./crypto_stream.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const stream = new CryptoStream({ limit: 100 });
 * stream.write(2, new Uint8Array([3, 4]));
 * assertEquals(stream.contiguous, new Uint8Array([]));
 * stream.write(0, new Uint8Array([1, 2]));
 * assertEquals(stream.contiguous, new Uint8Array([1, 2, 3, 4]));
 * ```
 */
export class CryptoStream {
  readonly #limit: number;
  #data = new Uint8Array(2048);
  #written = new Uint8Array(2048);
  #contiguous = 0;

  /** A stream of at most `limit` bytes. */
  constructor({ limit }: { readonly limit: number }) {
    this.#limit = limit;
  }

  /** The bytes from the start to the first gap. */
  get contiguous(): Uint8Array {
    return this.#data.subarray(0, this.#contiguous);
  }

  /** Puts a piece where it belongs; false when it is out of bounds, or contradicts what is there. */
  write(offset: number, piece: Uint8Array): boolean {
    const end = offset + piece.length;
    if (end > this.#limit) return false;
    this.#reserve(end);
    for (let i = 0; i < piece.length; i++) {
      const at = offset + i;
      if (this.#written[at] === 1 && this.#data[at] !== piece[i]) return false;
      this.#data[at] = piece[i]!;
      this.#written[at] = 1;
    }
    while (this.#written[this.#contiguous] === 1) this.#contiguous++;
    return true;
  }

  #reserve(end: number): void {
    if (end <= this.#data.length) return;
    const capacity = Math.min(this.#limit, Math.max(end, this.#data.length * 2));
    const data = new Uint8Array(capacity);
    const written = new Uint8Array(capacity);
    data.set(this.#data);
    written.set(this.#written);
    this.#data = data;
    this.#written = written;
  }
}
