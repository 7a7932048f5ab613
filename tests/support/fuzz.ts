/**
 * Inputs that nobody thought of, the same ones in every run.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Judge } from "./verdicts.ts";

const DEFAULT_ROUNDS = 2000;

/** How many inputs to try: 2,000, or as many as the environment variable PMMUX_FUZZ says if it may be read. */
export function fuzzRounds(): number {
  const variable = "PMMUX_FUZZ";
  const readable = Deno.permissions.querySync({ name: "env", variable }).state === "granted";
  return (readable ? Number(Deno.env.get(variable)) : 0) || DEFAULT_ROUNDS;
}

/** A pseudo-random sequence (xorshift) that a seed repeats. */
export class Random {
  #state: number;

  /** Starts the sequence of a seed. */
  constructor(seed: number) {
    this.#state = (seed + 1) * 0x9e37_79b9 >>> 0;
  }

  /** The next integer from 0 up to, and without, `bound`. */
  below(bound: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % bound;
  }

  /** One of some values. */
  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  /** Arbitrary bytes, fewer than `bound`. */
  bytes(bound: number): Uint8Array {
    return Uint8Array.from({ length: this.below(bound) }, () => this.below(256));
  }

  /** Bytes with a few changes: flipped, removed, repeated, inserted, cut off. */
  mutate(original: Uint8Array): Uint8Array {
    let bytes = Uint8Array.from(original);
    for (let changes = this.below(4); changes >= 0; changes--) {
      const at = this.below(bytes.length + 1);
      const end = Math.min(bytes.length, at + this.below(16));
      const change = this.below(6);
      if (change <= 1 && at < bytes.length) bytes[at] = this.pick([0, 1, 0xff, 0x80, 0x0a, this.below(256)]);
      if (change === 2) bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(end)]);
      if (change === 3) bytes = Uint8Array.from([...bytes.subarray(0, end), ...bytes.subarray(at)]);
      if (change === 4) {
        bytes = Uint8Array.from([...bytes.subarray(0, at), ...this.bytes(16), ...bytes.subarray(at)]);
      }
      if (change === 5) bytes = bytes.slice(0, at);
    }
    return bytes;
  }
}

/** Asserts that bytes arriving in random pieces never change a verdict that was final. */
export function assertSplitStable(
  random: Random,
  { judge, bytes }: { judge: Judge; bytes: Uint8Array },
): void {
  const whole = judge(bytes);
  const cuts = Array.from({ length: 6 }, () => random.below(bytes.length + 1)).toSorted((a, b) => a - b);
  let final: string | undefined;
  for (const cut of [...cuts, bytes.length]) {
    const verdict = judge(bytes.subarray(0, cut));
    if (final !== undefined) {
      assertEquals(verdict, final, `the verdict changed at ${cut} of ${bytes.toHex()}`);
    }
    if (verdict !== "incomplete") final = verdict;
  }
  assertEquals(final ?? "incomplete", whole);
}

/** The least milliseconds that a function took in a few tries. */
export function leastMilliseconds(run: () => void): number {
  const tries = Array.from({ length: 5 }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
  return Math.min(...tries);
}
