/**
 * When the next health check is due. Delays are spread, so that many backends are not all asked at once.
 *
 * @module
 */

import type { HealthCheckSpec } from "../config/types.ts";

/** How far a delay may differ from the configured one, to either side. */
const JITTER = 0.1;

/** The shortest pause between two checks of a backend: an interval of 0 must not spin. */
const SHORTEST_INTERVAL_MS = 10;

/** The longest delay that a timer takes; a longer one would fire at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** What {@linkcode nextDelay} needs to know beside the check. */
export interface DelayOptions {
  /** True when this check did not apply before: the initial delay is due instead of the interval. */
  readonly first: boolean;
  /** A number from 0 up to, not including, 1; `Math.random` unless given. */
  readonly random?: () => number;
}

/**
 * Milliseconds from the end of the last check (or from the start) to the next one, ±10 %.
 *
 * @example
 * ```ts
 * import { nextDelay } from "./check_schedule.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const spec = { initialDelay: 0, interval: 10_000 };
 * assertEquals(nextDelay(spec, { first: true }), 0);
 * assertEquals(nextDelay(spec, { first: false, random: () => 0.75 }), 10_500);
 * ```
 */
export function nextDelay(
  spec: Pick<HealthCheckSpec, "initialDelay" | "interval">,
  { first, random = Math.random }: DelayOptions,
): number {
  const configured = first ? spec.initialDelay : Math.max(spec.interval, SHORTEST_INTERVAL_MS);
  const jittered = configured * (1 + JITTER * (2 * random() - 1));
  return Math.min(Math.round(jittered), LONGEST_DELAY_MS);
}
