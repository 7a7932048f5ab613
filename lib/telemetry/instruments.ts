/**
 * What the data path holds to report: plain numbers that are added to, without allocation or lookup.
 *
 * @module
 */

/** Counts. */
export class Counter {
  /** The sum so far. */
  value = 0;

  /** Adds to the sum; one event unless a number is given. */
  add(amount = 1): void {
    this.value += amount;
  }
}

/** A value that goes up and down. */
export class Gauge {
  /** The value now. */
  value = 0;

  /** Replaces the value. */
  set(value: number): void {
    this.value = value;
  }

  /** Changes the value by an amount, which may be negative. */
  add(amount: number): void {
    this.value += amount;
  }
}

/**
 * Upper bounds of the histogram buckets, in milliseconds: from a verdict over bytes that are there to a
 * client that lets everything time out.
 */
export const DURATION_BOUNDS_MS: readonly number[] = [
  ...[0.05, 0.1, 0.25, 0.5],
  ...[1, 2.5, 5, 10, 25, 50, 100, 250, 500],
  ...[1000, 2500, 5000, 10_000, 30_000],
];

/**
 * What a {@linkcode Duration} has recorded.
 *
 * @example
 * ```ts
 * import type { Distribution } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const mean = ({ sum, count }: Distribution) => count === 0 ? 0 : sum / count;
 * assertEquals(mean({ counts: [1, 1], count: 2, sum: 5 }), 2.5);
 * ```
 */
export interface Distribution {
  /** How many durations fell into each bucket of {@linkcode DURATION_BOUNDS_MS}; the last are longer ones. */
  readonly counts: ArrayLike<number>;
  /** How many durations there were. */
  readonly count: number;
  /** Their sum, in milliseconds. */
  readonly sum: number;
}

/** A histogram of durations. */
export class Duration {
  /** As {@linkcode Distribution.counts}. */
  readonly counts: Float64Array = new Float64Array(DURATION_BOUNDS_MS.length + 1);
  /** As {@linkcode Distribution.count}. */
  count = 0;
  /** As {@linkcode Distribution.sum}. */
  sum = 0;

  /** Records one duration, in milliseconds. */
  record(milliseconds: number): void {
    let bucket = 0;
    while (bucket < DURATION_BOUNDS_MS.length && milliseconds > DURATION_BOUNDS_MS[bucket]!) bucket++;
    this.counts[bucket]! += 1;
    this.count++;
    this.sum += milliseconds;
  }
}
