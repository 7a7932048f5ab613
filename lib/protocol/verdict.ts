/**
 * How verdicts combine, so that a detector can be written as the conditions its protocol sets.
 *
 * @module
 */

import type { Verdict } from "./detector.ts";

/** The verdict of two alternatives: `match` as soon as one matches, `mismatch` only when neither can. */
export function either(first: Verdict, second: Verdict): Verdict {
  if (first === "match" || second === "match") return "match";
  return first === "mismatch" && second === "mismatch" ? "mismatch" : "incomplete";
}

/** The verdict of two conditions: `mismatch` as soon as one fails, `match` only when both hold. */
export function both(first: Verdict, second: Verdict): Verdict {
  if (first === "mismatch" || second === "mismatch") return "mismatch";
  return first === "match" && second === "match" ? "match" : "incomplete";
}

/** The verdict over a whole datagram: nothing follows, so what is incomplete cannot become a match. */
export function wholeDatagram(verdict: Verdict): Verdict {
  return verdict === "match" ? "match" : "mismatch";
}

/**
 * Wraps a judgement so that it sees no more than the first `budget` bytes, and what those leave undecided is a
 * mismatch. So the verdict does not depend on what follows them, nor does the time it takes.
 */
export function withinBudget(
  budget: number,
  judge: (bytes: Uint8Array) => Verdict,
): (bytes: Uint8Array) => Verdict {
  return (bytes) => {
    if (bytes.length < budget) return judge(bytes);
    return wholeDatagram(judge(bytes.length === budget ? bytes : bytes.subarray(0, budget)));
  };
}
