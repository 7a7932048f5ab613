import { assertEquals } from "@std/assert";
import type { Verdict } from "../../lib/protocol/detector.ts";
import type { PriorityTier } from "../../lib/routing/backend.ts";
import type { RoutingStrategy } from "../../lib/routing/routing_strategy.ts";
import { eligible, tierRank } from "../../lib/routing/selection.ts";

type Ranking = RoutingStrategy["ranking"];
interface Candidate {
  readonly verdict: Verdict;
  readonly priorityTier: PriorityTier;
}

const VERDICTS: readonly Verdict[] = ["match", "mismatch", "incomplete"];
const TIERS = Object.keys(tierRank) as PriorityTier[];

/** All candidates that may stand at one position. */
const CANDIDATES = VERDICTS.flatMap((verdict) => TIERS.map((priorityTier) => ({ verdict, priorityTier })));

/** What is chosen once everything is decided. */
function choice(candidates: readonly Candidate[], ranking: Ranking): number[] {
  const matches = [...candidates.keys()].filter((position) => candidates[position]!.verdict === "match");
  if (ranking === "order") return matches.slice(0, 1);
  for (const tier of ["vip", "normal", "standby", "fallback"]) {
    const best = matches.filter((position) => candidates[position]!.priorityTier === tier);
    if (best.length > 0) return best;
  }
  return [];
}

/** Every way in which the undecided ones may be decided. */
function outcomes(candidates: readonly Candidate[]): Candidate[][] {
  const position = candidates.findIndex(({ verdict }) => verdict === "incomplete");
  if (position < 0) return [[...candidates]];
  return (["match", "mismatch"] as const).flatMap((verdict) =>
    outcomes(candidates.with(position, { ...candidates[position]!, verdict }))
  );
}

/** Waits exactly as long as more bytes could change the choice. */
function slowEligible(candidates: readonly Candidate[], ranking: Ranking): number[] | "incomplete" {
  const choices = outcomes(candidates).map((outcome) => choice(outcome, ranking));
  return new Set(choices.map(String)).size === 1 ? choices[0]! : "incomplete";
}

function* tables(size: number): Generator<Candidate[]> {
  if (size === 0) return yield [];
  for (const rest of tables(size - 1)) for (const candidate of CANDIDATES) yield [...rest, candidate];
}

for (const ranking of ["order", "tier"] as const) {
  Deno.test({
    name: `selection by ${ranking} waits exactly as long as more bytes could change it`,
    permissions: "none",
    fn() {
      for (let size = 0; size <= 4; size++) {
        for (const table of tables(size)) {
          const verdicts = table.map(({ verdict }) => verdict);
          const expected = slowEligible(table, ranking);
          const actual = eligible(verdicts, table, ranking);
          if (String(actual) !== String(expected)) assertEquals(actual, expected, JSON.stringify(table));
        }
      }
    },
  });
}
