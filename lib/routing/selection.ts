/**
 * Which backends are still in the running: the one rule that turns verdicts into a choice.
 *
 * @module
 */

import type { Verdict } from "../protocol/detector.ts";
import type { PriorityTier } from "./backend.ts";
import type { RoutingStrategy } from "./routing_strategy.ts";

/** The tiers by rank: a higher one wins. */
export const tierRank: Readonly<Record<PriorityTier, number>> = {
  fallback: 0,
  standby: 1,
  normal: 2,
  vip: 3,
};

/**
 * The positions of the candidates that the strategy may choose from: none of them, `incomplete` if more
 * bytes could still bring in one that goes before, or an empty list if nobody wants the connection.
 *
 * With ranking `order` the first match wins once no undecided candidate stands before it. With ranking
 * `tier` all matches of the highest tier are offered once nobody of that tier or above is undecided.
 *
 * @example
 * ```ts
 * import { eligible } from "./selection.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const tiers = [{ priorityTier: "normal" }, { priorityTier: "fallback" }] as const;
 * assertEquals(eligible(["incomplete", "match"], tiers, "tier"), "incomplete");
 * assertEquals(eligible(["mismatch", "match"], tiers, "order"), [1]);
 * ```
 */
export function eligible(
  verdicts: readonly Verdict[],
  candidates: readonly { readonly priorityTier: PriorityTier }[],
  ranking: RoutingStrategy["ranking"],
): readonly number[] | "incomplete" {
  if (ranking === "order") {
    const first = verdicts.findIndex((verdict) => verdict !== "mismatch");
    if (first < 0) return [];
    return verdicts[first] === "match" ? [first] : "incomplete";
  }
  let best = -1;
  for (let i = 0; i < verdicts.length; i++) {
    if (verdicts[i] !== "mismatch") best = Math.max(best, tierRank[candidates[i]!.priorityTier]);
  }
  const positions: number[] = [];
  for (let i = 0; i < verdicts.length; i++) {
    if (verdicts[i] === "mismatch" || tierRank[candidates[i]!.priorityTier] !== best) continue;
    if (verdicts[i] === "incomplete") return "incomplete";
    positions.push(i);
  }
  return positions;
}
