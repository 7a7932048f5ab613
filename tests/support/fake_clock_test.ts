import { assertEquals } from "@std/assert";
import { FakeClock } from "./fake_clock.ts";

Deno.test({
  name: "timers fire in the order they fall due, at their own time",
  permissions: "none",
  async fn(): Promise<void> {
    const { now, setTimeout, clearTimeout, advance, fired } = clockWithLog();
    setTimeout(() => fired.push(`late ${now()}`), 30);
    setTimeout(() => fired.push(`early ${now()}`), 10);
    clearTimeout(setTimeout(() => fired.push("cleared"), 5));
    await advance(29);
    assertEquals(fired, ["early 1010"]);
    await advance(1);
    assertEquals(fired, ["early 1010", "late 1030"]);
  },
});

Deno.test({
  name: "what waits on a timer runs before the next one",
  permissions: "none",
  async fn(): Promise<void> {
    const { now, setTimeout, advance, fired } = clockWithLog();
    const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
    const rhythm = (async () => {
      for (let i = 0; i < 3; i++) {
        await sleep(100);
        fired.push(`${now()}`);
      }
    })();
    await advance(1000);
    await rhythm;
    assertEquals(fired, ["1100", "1200", "1300"]);
    assertEquals(now(), 2000);
  },
});

Deno.test({
  name: "an interval fires until it is cleared",
  permissions: "none",
  async fn(): Promise<void> {
    const clock = new FakeClock();
    let count = 0;
    const id = clock.setInterval(() => count++, 10);
    await clock.advance(35);
    clock.clearInterval(id);
    await clock.advance(100);
    assertEquals([count, clock.pending], [3, 0]);
  },
});

function clockWithLog(): FakeClock & { readonly fired: string[] } {
  return Object.assign(new FakeClock(1000), { fired: [] });
}
