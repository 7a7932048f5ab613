import { assert, assertEquals, assertMatch } from "@std/assert";
import { metricDefinition, METRICS } from "../../lib/telemetry/metric_names.ts";

/** The names that the first pmmux reported, which dashboards know. */
const KEPT = [
  ...["router.connection.total", "router.connection.failed", "router.connection.routed"],
  ...["router.negotiation.duration", "router.selection.duration"],
  ...["router.message.total", "router.message.bytes", "router.message.selection.duration"],
  ...["router.message.failed", "router.message.routed"],
  ...["backend.probe.duration", "backend.connection.accepted", "backend.connection.closed"],
  ...["backend.connections.active"],
  ...["backend.message.probe.duration", "backend.message.handle.duration"],
  ...["backend.message.accepted", "backend.message.bytes"],
  ...["backend.health_check.duration", "backend.health_check.total", "backend.status"],
  ...["backend.health_check.consecutive_failures", "backend.health_check.consecutive_successes"],
  ...["client.ingress.bytes", "client.egress.bytes"],
  ...["portmap.create.duration", "portmap.created", "portmap.add.error"],
  ...["portmap.renew.duration", "portmap.renewed", "portmap.renew.error"],
  ...["portmap.delete.duration", "portmap.deleted", "portmap.delete.error"],
];

Deno.test({
  name: "every metric that was ever reported keeps its name",
  permissions: "none",
  fn() {
    const names: string[] = METRICS.map((metric) => metric.name);
    assertEquals(KEPT.filter((name) => !names.includes(name)), []);
  },
});

Deno.test({
  name: "metrics have different names, a help text, and the unit of their type",
  permissions: "none",
  fn() {
    assertEquals(new Set(METRICS.map((metric) => metric.name)).size, METRICS.length);
    for (const { name, help, type, unit } of METRICS) {
      assertMatch(name, /^[a-z_]+(\.[a-z_]+)+$/);
      assertMatch(help, /^[A-Z].*[^.]$/, name);
      assertEquals(unit === "milliseconds", type === "duration", name);
      assertEquals(unit === "bytes", name.endsWith(".bytes"), name);
    }
  },
});

Deno.test({
  name: "no metric has a label without a bound, such as the client",
  permissions: "none",
  fn() {
    for (const { name, labels } of METRICS) {
      assert(!labels.some((label) => /client|remote|address|sni|host/.test(label)), name);
    }
  },
});

Deno.test({
  name: "a definition is found by its name",
  permissions: "none",
  fn() {
    assertEquals(metricDefinition("backend.status").type, "gauge");
  },
});
