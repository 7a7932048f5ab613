/**
 * Patterns over the first bytes themselves, three-valued: they fit as soon as some start of the stream fits, and do
 * not as soon as none can.
 *
 * @module
 */

import { RE2JS } from "re2js";
import type { Verdict } from "../protocol/detector.ts";
import { ByteAutomaton } from "./byte_automaton.ts";
import { compileRe2 } from "./pattern.ts";

/** Judges the bytes so far. */
export type BytePattern = (bytes: Uint8Array) => Verdict;

/** How many bytes a pattern is tried on. */
const PAYLOAD_BUDGET = 4096;

/**
 * Compiles a regular expression over bytes, each byte one character (`\x16\x03`). It must fit at the start
 * of the stream, not up to its end.
 *
 * @throws {SyntaxError} if it is no RE2 pattern or depends on an end (`$`, `\z`, `\b`).
 */
export function compilePayload(source: string): BytePattern {
  const automaton = new ByteAutomaton(compileRe2(source, RE2JS.DOTALL));
  if (automaton.looksAhead) {
    throw new SyntaxError(
      `"${source}" looks at the end of the bytes ($, \\z, \\b, \\B), but a stream has none yet`,
    );
  }
  return (bytes) => {
    const verdict = automaton.judge(bytes.subarray(0, PAYLOAD_BUDGET));
    return verdict === "incomplete" && bytes.length >= PAYLOAD_BUDGET ? "mismatch" : verdict;
  };
}

/**
 * Compiles a prefix in hexadecimal digits, `?` for any digit, white space ignored: `16 03 0?`.
 *
 * @throws {SyntaxError} if it is something else, or not made of whole bytes.
 */
export function compileHexPrefix(source: string): BytePattern {
  const digits = source.replace(/\s+/g, "");
  if (!/^([0-9a-f?]{2})+$/i.test(digits)) {
    throw new SyntaxError(
      `"${source}" is not a prefix in hexadecimal bytes such as 1603 or 16 0? (? is any digit)`,
    );
  }
  const values: number[] = [];
  const masks: number[] = [];
  for (const [pair] of digits.matchAll(/../g)) {
    values.push(parseInt(pair.replaceAll("?", "0"), 16));
    masks.push((pair[0] === "?" ? 0 : 0xf0) | (pair[1] === "?" ? 0 : 0x0f));
  }
  return (bytes) => {
    const length = Math.min(bytes.length, values.length);
    for (let i = 0; i < length; i++) {
      if ((bytes[i]! & masks[i]!) !== values[i]) return "mismatch";
    }
    return length === values.length ? "match" : "incomplete";
  };
}
