import { assert, assertEquals } from "@std/assert";
import { nextDelay } from "../../lib/routing/check_schedule.ts";

const SPEC = { initialDelay: 2000, interval: 10_000 };

Deno.test({
  name: "the first check waits for the initial delay, later ones for the interval",
  permissions: "none",
  fn() {
    const random = () => 0.5;
    assertEquals(nextDelay(SPEC, { first: true, random }), 2000);
    assertEquals(nextDelay(SPEC, { first: false, random }), 10_000);
  },
});

Deno.test({
  name: "delays vary by a tenth to either side and no further",
  permissions: "none",
  fn() {
    assertEquals(nextDelay(SPEC, { first: false, random: () => 0 }), 9000);
    assertEquals(nextDelay(SPEC, { first: false, random: () => 1 - Number.EPSILON }), 11_000);
    const delays = Array.from({ length: 100 }, () => nextDelay(SPEC, { first: false }));
    assert(delays.every((delay) => delay >= 9000 && delay <= 11_000));
    assert(new Set(delays).size > 1);
  },
});

Deno.test({
  name: "an initial delay of 0 checks at once, an interval of 0 does not spin",
  permissions: "none",
  fn() {
    const spec = { initialDelay: 0, interval: 0 };
    assertEquals(nextDelay(spec, { first: true }), 0);
    assert(nextDelay(spec, { first: false }) >= 9);
  },
});

Deno.test({
  name: "a delay never exceeds what a timer takes",
  permissions: "none",
  fn() {
    const spec = { initialDelay: 0, interval: 2 ** 31 };
    assertEquals(nextDelay(spec, { first: false, random: () => 0.9 }), 2 ** 31 - 1);
  },
});
