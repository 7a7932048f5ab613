import { assertEquals } from "@std/assert";
import { LogLimiter } from "../../lib/routing/log_limiter.ts";

function limiterAt(start: number, maxKeys?: number) {
  const clock = { now: start };
  return { clock, limiter: new LogLimiter({ now: () => clock.now, maxKeys }) };
}

Deno.test({
  name: "what is said once is never said again, until it is forgotten",
  permissions: "none",
  fn() {
    const { clock, limiter } = limiterAt(0);
    assertEquals([limiter.once("a"), limiter.once("a"), limiter.once("b")], [true, false, true]);
    clock.now = 1e15;
    assertEquals(limiter.once("a"), false);
    limiter.forget("a");
    assertEquals(limiter.once("a"), true);
  },
});

Deno.test({
  name: "one message a period passes, with the number of those suppressed before it",
  permissions: "none",
  fn() {
    const { clock, limiter } = limiterAt(5000);
    const seen = [0, 1, 999, 1000, 1500, 1999, 2000, 9000].map((time) => {
      clock.now = 5000 + time;
      return limiter.limited("accept", 1000);
    });
    assertEquals(seen, [0, undefined, undefined, 2, undefined, undefined, 2, 0]);
  },
});

Deno.test({
  name: "keys do not limit each other",
  permissions: "none",
  fn() {
    const { limiter } = limiterAt(0);
    assertEquals([limiter.limited("a", 10), limiter.limited("b", 10)], [0, 0]);
  },
});

Deno.test({
  name: "no more keys are remembered than allowed: the oldest is forgotten",
  permissions: "none",
  fn() {
    const { limiter } = limiterAt(0, 2);
    for (const key of ["a", "b", "c"]) limiter.once(key);
    assertEquals([limiter.once("c"), limiter.once("b"), limiter.once("a")], [false, false, true]);
  },
});
