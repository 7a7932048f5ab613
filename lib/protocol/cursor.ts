/**
 * Reads length-prefixed structures that are there as a whole.
 *
 * @module
 */

import { u16, u24, u32 } from "./bytes.ts";

/**
 * A position in some bytes. Reading past the end gives zeros and empty vectors, moves to the end and clears
 * {@linkcode Cursor.ok} for good, so that a parser reads straight through and asks once whether it may believe
 * what it read.
 *
 * @example
 * ```ts
 * import { Cursor } from "./cursor.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const cursor = new Cursor(new Uint8Array([2, 7, 8, 9]));
 * assertEquals(cursor.vector8(), new Uint8Array([7, 8]));
 * assertEquals(cursor.u16(), 0);
 * assertEquals(cursor.ok, false);
 * ```
 */
export class Cursor {
  readonly #bytes: Uint8Array;
  #offset = 0;
  #ok = true;

  /** Starts at the first of the bytes, which are neither copied nor changed. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** False once something was read past the end. */
  get ok(): boolean {
    return this.#ok;
  }

  /** Bytes read so far. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes left to read. */
  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  /** Reads an unsigned 8-bit integer. */
  u8(): number {
    const at = this.#advance(1);
    return at < 0 ? 0 : this.#bytes[at]!;
  }

  /** Reads an unsigned 16-bit integer, most significant byte first. */
  u16(): number {
    const at = this.#advance(2);
    return at < 0 ? 0 : u16(this.#bytes, at);
  }

  /** Reads an unsigned 24-bit integer, most significant byte first. */
  u24(): number {
    const at = this.#advance(3);
    return at < 0 ? 0 : u24(this.#bytes, at);
  }

  /** Reads an unsigned 32-bit integer, most significant byte first. */
  u32(): number {
    const at = this.#advance(4);
    return at < 0 ? 0 : u32(this.#bytes, at);
  }

  /** Reads that many bytes, as a view of the input. */
  take(length: number): Uint8Array {
    const at = this.#advance(length);
    return at < 0 ? this.#bytes.subarray(0, 0) : this.#bytes.subarray(at, at + length);
  }

  /** Reads a vector whose length is its first byte. */
  vector8(): Uint8Array {
    return this.take(this.u8());
  }

  /** Reads a vector whose length is its first two bytes. */
  vector16(): Uint8Array {
    return this.take(this.u16());
  }

  /** Moves over `length` bytes and returns where they start, or -1 when there are fewer. */
  #advance(length: number): number {
    const at = this.#offset;
    if (length > this.remaining) {
      this.#offset = this.#bytes.length;
      this.#ok = false;
      return -1;
    }
    this.#offset += length;
    return at;
  }
}
