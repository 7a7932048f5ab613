import { assertEquals } from "@std/assert";
import { Counter, Duration, DURATION_BOUNDS_MS, Gauge } from "../../lib/telemetry/instruments.ts";

Deno.test({
  name: "a counter adds up events and amounts without loss",
  permissions: "none",
  fn() {
    const counter = new Counter();
    for (let count = 0; count < 100_000; count++) {
      counter.add();
      counter.add(65_507);
    }
    assertEquals(counter.value, 100_000 * 65_508);
  },
});

Deno.test({
  name: "a gauge is set, raised and lowered",
  permissions: "none",
  fn() {
    const gauge = new Gauge();
    gauge.set(5);
    gauge.add(2);
    gauge.add(-4);
    assertEquals(gauge.value, 3);
  },
});

Deno.test({
  name: "a duration falls into the first bucket whose bound it does not exceed",
  permissions: "none",
  fn() {
    for (const [index, bound] of DURATION_BOUNDS_MS.entries()) {
      const duration = new Duration();
      duration.record(bound);
      duration.record(bound * 1.001);
      assertEquals([duration.counts[index], duration.counts[index + 1]], [1, 1], `${bound} ms`);
    }
  },
});

Deno.test({
  name: "durations beyond the last bound and of no time at all are counted too",
  permissions: "none",
  fn() {
    const duration = new Duration();
    duration.record(0);
    duration.record(86_400_000);
    assertEquals(duration.counts[0], 1);
    assertEquals(duration.counts[DURATION_BOUNDS_MS.length], 1);
    assertEquals([duration.count, duration.sum], [2, 86_400_000]);
  },
});

Deno.test({
  name: "the bounds of the buckets ascend",
  permissions: "none",
  fn() {
    assertEquals(DURATION_BOUNDS_MS, DURATION_BOUNDS_MS.toSorted((a, b) => a - b));
    assertEquals(new Set(DURATION_BOUNDS_MS).size, DURATION_BOUNDS_MS.length);
  },
});
