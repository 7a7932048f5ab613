import { FakeClock } from "../support/fake_clock.ts";

/** Runs a test with timers that go by a clock of its own. */
export async function withFakeTimers(body: (clock: FakeClock) => Promise<void>): Promise<void> {
  const clock = new FakeClock();
  const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
  Object.assign(globalThis, {
    setTimeout: clock.setTimeout,
    clearTimeout: clock.clearTimeout,
    setInterval: clock.setInterval,
    clearInterval: clock.clearInterval,
  });
  try {
    await body(clock);
  } finally {
    Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval });
  }
}
