/**
 * Holds detectors and parsers to their contract over bytes that arrive little by little.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Verdict } from "../../lib/protocol/detector.ts";

/** What a detector, or a parser, makes of bytes. */
export type Judge = (bytes: Uint8Array) => Verdict;

/** A verdict, and how many bytes it took. */
export interface Decision {
  /** The verdict. */
  readonly verdict: Verdict;
  /** The fewest bytes for which it was final, or all bytes for `incomplete`. */
  readonly after: number;
}

/** Judges every prefix of the bytes, and asserts that the verdict never changes once it is final. */
export function decide(judge: Judge, bytes: Uint8Array): Decision {
  let decision: Decision = { verdict: "incomplete", after: bytes.length };
  for (let length = 0; length <= bytes.length; length++) {
    const verdict = judge(bytes.subarray(0, length));
    if (decision.verdict === "incomplete") {
      if (verdict !== "incomplete") decision = { verdict, after: length };
    } else {
      assertEquals(
        verdict,
        decision.verdict,
        `the verdict of ${decision.after} bytes changed with ${length}`,
      );
    }
  }
  return decision;
}

/** The bytes of a text, one a character. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Several pieces as one. */
export function join(...pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

/** A parser's verdict, for {@linkcode decide}. */
export function verdictOf(parse: (bytes: Uint8Array) => { readonly verdict: Verdict }): Judge {
  return (bytes) => parse(bytes).verdict;
}

/** Asserts that a value is there, and gives it back. */
export function present<T>(value: T | undefined): T {
  assert(value !== undefined);
  return value;
}
