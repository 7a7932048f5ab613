import { FakeClock } from "./fake_clock.ts";

/** Runs a test with timers, and the time that `performance.now()` tells, that go by a clock of its own. */
export async function withFakeTimers(body: (clock: FakeClock) => Promise<void>): Promise<void> {
  const clock = new FakeClock();
  const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
  Object.assign(globalThis, {
    setTimeout: clock.setTimeout,
    clearTimeout: clock.clearTimeout,
    setInterval: clock.setInterval,
    clearInterval: clock.clearInterval,
  });
  const performanceNow = performance.now;
  performance.now = clock.now;
  try {
    await body(clock);
  } finally {
    performance.now = performanceNow;
    Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval });
  }
}
