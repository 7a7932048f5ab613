import { assert, assertEquals } from "@std/assert";
import { Budget } from "../../lib/sandbox/budget.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name: `budget: ${name}`, permissions: "none", fn });
}

test("a burst can be spent at once, and not more", () => {
  const budget = new Budget({ burst: 3, perSecond: 1, now: () => 0 });
  assertEquals([1, 2, 3, 4].map(() => budget.spend()), [true, true, true, false]);
});

test("what comes back each second can be spent again", () => {
  let now = 0;
  const budget = new Budget({ burst: 2, perSecond: 2, now: () => now });
  budget.spend();
  budget.spend();
  now = 400;
  assert(!budget.spend());
  now = 500;
  assert(budget.spend());
  assert(!budget.spend());
});

test("no more than a burst is ever saved", () => {
  let now = 0;
  const budget = new Budget({ burst: 2, perSecond: 100, now: () => now });
  budget.spend();
  budget.spend();
  now = 60_000;
  assertEquals([1, 2, 3].map(() => budget.spend()), [true, true, false]);
});
