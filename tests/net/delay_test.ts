import { assertEquals } from "@std/assert";
import { delay } from "../../lib/net/delay.ts";
import type { FakeClock } from "../support/fake_clock.ts";
import { withFakeTimers } from "../support/fake_timers.ts";

for (
  const [what, end] of [
    ["once its time is over", (_: AbortController, clock: FakeClock) => clock.advance(1)],
    ["as soon as its signal is aborted", (controller: AbortController) => controller.abort()],
  ] as const
) {
  Deno.test(`a delay ends ${what}, and leaves no timer behind`, () =>
    withFakeTimers(async (clock) => {
      const controller = new AbortController();
      let isOver = false;
      const over = delay(50, controller.signal).then(() => isOver = true);
      await clock.advance(49);
      assertEquals(isOver, false);
      await end(controller, clock);
      await over;
      assertEquals(clock.pending, 0);
    }));
}

Deno.test("a delay whose signal is aborted already is over at once", async () => {
  await delay(60_000, AbortSignal.abort());
});
