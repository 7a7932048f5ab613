import { assertEquals } from "@std/assert";
import { silentLogger } from "../../lib/routing/logger.ts";
import { type BackendSource, observeHealth } from "../../lib/telemetry/health_metrics.ts";
import { MetricsReporter } from "../../lib/telemetry/metrics.ts";
import { fakeEntry } from "../routing/fake_backend.ts";

/** The gauges that a source leads to, read by read. */
function gaugesOf(backends: BackendSource["backends"] & unknown[]): (name: string) => unknown[] {
  const reporter = new MetricsReporter();
  const events = { on: () => () => {} };
  observeHealth({ backends, events }, { reporter, logger: silentLogger });
  return (name) =>
    reporter.families().find(({ definition }) => definition.name === name)?.series.map(({ value }) =>
      value
    ) ?? [];
}

Deno.test({
  name: "a backend that is gone has no gauges, however often they were read before",
  permissions: "none",
  fn() {
    const backends = [fakeEntry()];
    const gauges = gaugesOf(backends);
    assertEquals([gauges("backend.status"), gauges("backend.connections.active")], [[0], [0]]);
    backends.pop();
    assertEquals([gauges("backend.status"), gauges("backend.connections.active")], [[], []]);
  },
});

Deno.test({
  name: "a backend that drains adds its connections to those of its successor, and not its status",
  permissions: "none",
  fn() {
    const [next, old] = [fakeEntry(), fakeEntry()];
    old.transition({ type: "drain" });
    [next.activeConnections, old.activeConnections] = [2, 3];
    const gauges = gaugesOf([next, old]);
    for (let read = 0; read < 2; read++) {
      assertEquals([gauges("backend.status"), gauges("backend.connections.active")], [[0], [5]]);
    }
  },
});
