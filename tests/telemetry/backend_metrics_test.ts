/**
 * What backends report about themselves.
 */

import { assertEquals } from "@std/assert";
import { ownMetrics } from "../../lib/telemetry/backend_metrics.ts";
import { MetricsReporter } from "../../lib/telemetry/metrics.ts";

function values(reporter: MetricsReporter): unknown[] {
  return reporter.families().map((
    { definition: { name }, series },
  ) => [name, ...series.map(({ value }) => value)]);
}

Deno.test({
  name: "a backend's counters and gauges appear under their names, each with its backend",
  permissions: "none",
  fn() {
    const reporter = new MetricsReporter();
    const [one, two] = [ownMetrics(reporter, "one"), ownMetrics(reporter, "two")];
    one.count("queries.refused");
    one.count("queries.refused", 4);
    two.count("queries.refused");
    two.gauge("cache-size", 17);
    assertEquals(values(reporter), [
      ["backend.own.counter.queries.refused", 5, 1],
      ["backend.own.gauge.cache-size", 17],
    ]);
  },
});

Deno.test({
  name: "what is no name, shrinks a counter, changes its type or comes under too many names is ignored",
  permissions: "none",
  fn() {
    const reporter = new MetricsReporter();
    const metrics = ownMetrics(reporter, "one");
    metrics.count("a");
    metrics.count("a", -1);
    metrics.count("a", NaN);
    metrics.gauge("a", 1);
    for (const name of ["", "A b", "__proto__", "x".repeat(65), "a\nb 1"]) metrics.count(name);
    assertEquals(values(reporter), [["backend.own.counter.a", 1]]);
    for (let i = 0; i < 1000; i++) metrics.gauge(`g${i}`, i);
    assertEquals(values(reporter).length, 100);
  },
});
