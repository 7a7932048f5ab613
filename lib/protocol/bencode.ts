/**
 * Bencoding (BEP 3), read in place: a cursor that walks over values without building them.
 *
 * @module
 */

import { type ByteRange, isDigit } from "./bytes.ts";

/** Deep enough for every message of the DHT; a bound, so that no input exhausts the stack. */
const MAXIMUM_DEPTH = 8;
/** No string in a datagram needs more digits for its length. */
const MAXIMUM_LENGTH_DIGITS = 5;
/** A 64-bit integer with its sign. */
const MAXIMUM_INTEGER_DIGITS = 20;
const ZERO = 0x30;
const COLON = 0x3a;
const MINUS = 0x2d;
const INTEGER = 0x69;
const LIST = 0x6c;
const DICTIONARY = 0x64;
const END = 0x65;

/** Walks over bencoded values. After a method reported failure the position means nothing. */
export class BencodeCursor {
  readonly #bytes: Uint8Array;
  #position = 0;

  /** A cursor at the first of these bytes. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** True behind the last byte. */
  get atEnd(): boolean {
    return this.#position === this.#bytes.length;
  }

  /** Steps into a dictionary. False when there is none. */
  enterDictionary(): boolean {
    return this.#take(DICTIONARY);
  }

  /** Steps out of the list or dictionary the cursor is in. False when that goes on. */
  leave(): boolean {
    return this.#take(END);
  }

  /** Steps over a byte string and returns where its bytes are, or undefined when there is none. */
  readString(): Required<ByteRange> | undefined {
    const digits = this.#position;
    const colon = this.#endOfDigits(digits, MAXIMUM_LENGTH_DIGITS);
    const hasLeadingZero = this.#bytes[digits] === ZERO && colon > digits + 1;
    if (colon === digits || hasLeadingZero || this.#bytes[colon] !== COLON) return undefined;
    let length = 0;
    for (let i = digits; i < colon; i++) length = length * 10 + this.#bytes[i]! - ZERO;
    const from = colon + 1;
    const to = from + length;
    if (to > this.#bytes.length) return undefined;
    this.#position = to;
    return { from, to };
  }

  /** Steps over one value of any kind. False when it is malformed, cut off or too deep. */
  skipValue(depth = 0): boolean {
    switch (this.#bytes[this.#position]) {
      case INTEGER:
        return this.#skipInteger();
      case LIST:
      case DICTIONARY:
        return depth < MAXIMUM_DEPTH && this.#skipContainer(depth + 1);
      default:
        return this.readString() !== undefined;
    }
  }

  #skipContainer(depth: number): boolean {
    const isDictionary = this.enterDictionary();
    if (!isDictionary) this.#position++;
    while (!this.leave()) {
      if (isDictionary && this.readString() === undefined) return false;
      if (!this.skipValue(depth)) return false;
    }
    return true;
  }

  #skipInteger(): boolean {
    const sign = this.#bytes[this.#position + 1] === MINUS ? 1 : 0;
    const digits = this.#position + 1 + sign;
    const end = this.#endOfDigits(digits, MAXIMUM_INTEGER_DIGITS);
    this.#position = end;
    return end > digits && this.#take(END);
  }

  #endOfDigits(from: number, maximum: number): number {
    const end = Math.min(this.#bytes.length, from + maximum);
    let i = from;
    while (i < end && isDigit(this.#bytes[i]!)) i++;
    return i;
  }

  #take(byte: number): boolean {
    if (this.#bytes[this.#position] !== byte) return false;
    this.#position++;
    return true;
  }
}
