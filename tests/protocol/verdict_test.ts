import { assertEquals } from "@std/assert";
import type { Verdict } from "../../lib/protocol/detector.ts";
import { both, either, wholeDatagram, withinBudget } from "../../lib/protocol/verdict.ts";

const VERDICTS: readonly Verdict[] = ["match", "mismatch", "incomplete"];

Deno.test({
  name: "verdict: an alternative matches early and fails late",
  permissions: "none",
  fn(): void {
    assertEquals(VERDICTS.map((verdict) => either("match", verdict)), ["match", "match", "match"]);
    assertEquals(VERDICTS.map((verdict) => either("mismatch", verdict)), VERDICTS);
    assertEquals(VERDICTS.map((verdict) => either("incomplete", verdict)), [
      "match",
      "incomplete",
      "incomplete",
    ]);
  },
});

Deno.test({
  name: "verdict: a conjunction fails early and matches late",
  permissions: "none",
  fn(): void {
    assertEquals(VERDICTS.map((verdict) => both("match", verdict)), VERDICTS);
    assertEquals(VERDICTS.map((verdict) => both("mismatch", verdict)), ["mismatch", "mismatch", "mismatch"]);
    assertEquals(VERDICTS.map((verdict) => both("incomplete", verdict)), [
      "incomplete",
      "mismatch",
      "incomplete",
    ]);
  },
});

Deno.test({
  name: "verdict: nothing follows a datagram",
  permissions: "none",
  fn(): void {
    assertEquals(VERDICTS.map(wholeDatagram), ["match", "mismatch", "mismatch"]);
  },
});

Deno.test({
  name: "verdict: a budget cuts off what is judged, and ends the wait",
  permissions: "none",
  fn(): void {
    const seen: number[] = [];
    const judge = withinBudget(4, (bytes) => {
      seen.push(bytes.length);
      return "incomplete";
    });
    assertEquals([3, 4, 9].map((length) => judge(new Uint8Array(length))), [
      "incomplete",
      "mismatch",
      "mismatch",
    ]);
    assertEquals(seen, [3, 4, 4]);
  },
});
