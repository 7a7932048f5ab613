/**
 * What the detectors share for reading bytes: fixed-width integers, literal prefixes, and text for facts.
 *
 * The readers check no bounds, because the caller has to know the length anyway to tell `incomplete` from
 * `mismatch`; past the end they read zero bits. None of the functions used before a verdict allocates.
 *
 * @module
 */

import type { Verdict } from "./detector.ts";

/** A part of some bytes: from `from` (included) to `to` (excluded). */
export interface ByteRange {
  /** First index, 0 unless given. */
  readonly from?: number;
  /** Index after the last, the end unless given. */
  readonly to?: number;
}

/** Reads an unsigned 16-bit integer, most significant byte first. */
export function u16(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! << 8) | bytes[offset + 1]!;
}

/** Reads an unsigned 24-bit integer, most significant byte first. */
export function u24(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! << 16) | (bytes[offset + 1]! << 8) | bytes[offset + 2]!;
}

/** Reads an unsigned 32-bit integer, most significant byte first. */
export function u32(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset]! << 24) | u24(bytes, offset + 1)) >>> 0;
}

/** Reads an unsigned 16-bit integer, least significant byte first. */
export function u16le(bytes: Uint8Array, offset: number): number {
  return bytes[offset]! | (bytes[offset + 1]! << 8);
}

/** Reads an unsigned 32-bit integer, least significant byte first. */
export function u32le(bytes: Uint8Array, offset: number): number {
  return (u16le(bytes, offset) | (bytes[offset + 2]! << 16) | (bytes[offset + 3]! << 24)) >>> 0;
}

/** The bytes of an ASCII literal, to be compared with {@linkcode comparePrefix}. */
export function ascii(literal: string): Uint8Array {
  return Uint8Array.from(literal, (character) => character.charCodeAt(0));
}

/**
 * Compares the bytes at `at` (0 unless given) with a literal: `match` when all of it is there, `mismatch` at
 * the first byte that differs, `incomplete` when the bytes end within it.
 *
 * @example
 * ```ts
 * import { ascii, comparePrefix } from "./bytes.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(comparePrefix(ascii("SS"), ascii("SSH-")), "incomplete");
 * assertEquals(comparePrefix(ascii("ST"), ascii("SSH-")), "mismatch");
 * ```
 */
export function comparePrefix(
  bytes: Uint8Array,
  prefix: Uint8Array,
  { at = 0 }: { readonly at?: number } = {},
): Verdict {
  const available = Math.min(prefix.length, bytes.length - at);
  for (let i = 0; i < available; i++) {
    if (bytes[at + i] !== prefix[i]) return "mismatch";
  }
  return available === prefix.length ? "match" : "incomplete";
}

/**
 * The index of the first `byte` within the range, or -1. It never reads past `to`, so that a detector can
 * bound its search by its budget.
 */
export function indexOfByte(
  bytes: Uint8Array,
  byte: number,
  { from = 0, to = bytes.length }: ByteRange = {},
): number {
  const end = Math.min(to, bytes.length);
  for (let i = from; i < end; i++) {
    if (bytes[i] === byte) return i;
  }
  return -1;
}

/** True for `0` to `9`. */
export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** True for `A` to `Z` and `a` to `z`. */
export function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

/** True for a visible ASCII character: no space, no control, no byte above 0x7e. */
export function isVisible(byte: number): boolean {
  return byte > 0x20 && byte < 0x7f;
}

/** True for a character of an HTTP or SIP token (RFC 9110 section 5.6.2). */
export function isTokenCharacter(byte: number): boolean {
  return byte < 0x80 && TOKEN_CHARACTERS[byte] === 1;
}

/** The bytes of a range as text, one character a byte (Latin-1), for facts that the protocol keeps in ASCII. */
export function latin1(bytes: Uint8Array, { from = 0, to = bytes.length }: ByteRange = {}): string {
  let text = "";
  const end = Math.min(to, bytes.length);
  for (let i = from; i < end; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}

/** The bytes of a range as lower-case hexadecimal digits. */
export function hex(bytes: Uint8Array, { from = 0, to = bytes.length }: ByteRange = {}): string {
  let digits = "";
  const end = Math.min(to, bytes.length);
  for (let i = from; i < end; i++) digits += bytes[i]!.toString(16).padStart(2, "0");
  return digits;
}

const TOKEN_CHARACTERS = tokenCharacters();

function tokenCharacters(): Uint8Array {
  const table = new Uint8Array(128);
  for (let byte = 0; byte < table.length; byte++) {
    if (isDigit(byte) || isLetter(byte)) table[byte] = 1;
  }
  for (const byte of ascii("!#$%&'*+-.^_`|~")) table[byte] = 1;
  return table;
}
