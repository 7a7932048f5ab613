import { assertEquals } from "@std/assert";
import { RestartDelay } from "../../lib/sandbox/restart_delay.ts";

Deno.test({
  name: "each crash soon after the last doubles the delay, up to half a minute",
  permissions: "none",
  fn(): void {
    const delay = new RestartDelay();
    const delays = Array.from({ length: 11 }, () => delay.after(1000));
    assertEquals(delays, [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
  },
});

Deno.test({
  name: "a run of a minute makes the delay short again",
  permissions: "none",
  fn(): void {
    const delay = new RestartDelay();
    assertEquals([delay.after(0), delay.after(59_999), delay.after(60_000), delay.after(0)], [
      100,
      200,
      100,
      200,
    ]);
  },
});
