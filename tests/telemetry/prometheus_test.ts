import { assertEquals } from "@std/assert";
import { DURATION_BOUNDS_MS } from "../../lib/telemetry/instruments.ts";
import { METRICS } from "../../lib/telemetry/metric_names.ts";
import { MetricsReporter } from "../../lib/telemetry/metrics.ts";
import { exposition, prometheusName } from "../../lib/telemetry/prometheus.ts";

Deno.test({
  name: "counters end in _total once, durations in _seconds, gauges keep their name",
  permissions: "none",
  fn() {
    const names = [
      prometheusName({ name: "router.connection.total", type: "counter" }),
      prometheusName({ name: "router.message.bytes", type: "counter" }),
      prometheusName({ name: "router.negotiation.duration", type: "duration" }),
      prometheusName({ name: "backend.connections.active", type: "gauge" }),
    ];
    assertEquals(names, [
      "pmmux_router_connection_total",
      "pmmux_router_message_bytes_total",
      "pmmux_router_negotiation_duration_seconds",
      "pmmux_backend_connections_active",
    ]);
  },
});

Deno.test({
  name: "no two metrics share a name, not even with the suffixes of a histogram",
  permissions: "none",
  fn() {
    const names = METRICS.flatMap((metric) => {
      const name = prometheusName(metric);
      return metric.type === "duration" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
    });
    assertEquals(new Set(names).size, names.length);
  },
});

Deno.test({
  name: "a metric is one block of help, type and a line for each set of labels",
  permissions: "none",
  fn() {
    const reporter = new MetricsReporter();
    const labels = { protocol: "pass", network_protocol: "tcp" };
    reporter.gauge("backend.status", { backend: "web", ...labels }).set(1);
    reporter.event("router.message.total", {});
    reporter.gauge("backend.status", { backend: "ssh", ...labels }).set(2);
    const text = exposition(reporter.families());
    assertEquals(text.split("\n").map((line) => line.replace(/(# HELP \S+) .*/, "$1")), [
      "# HELP pmmux_backend_status",
      "# TYPE pmmux_backend_status gauge",
      'pmmux_backend_status{backend="web",protocol="pass",network_protocol="tcp"} 1',
      'pmmux_backend_status{backend="ssh",protocol="pass",network_protocol="tcp"} 2',
      "# HELP pmmux_router_message_total",
      "# TYPE pmmux_router_message_total counter",
      "pmmux_router_message_total 1",
      "",
    ]);
  },
});

Deno.test({
  name: "histogram buckets are cumulative, in seconds, and end with all",
  permissions: "none",
  fn() {
    const reporter = new MetricsReporter();
    const duration = reporter.duration("router.selection.duration", { strategy: "first-available" });
    for (const milliseconds of [0.04, 3, 4, 700, 45_000]) duration.record(milliseconds);
    const lines = exposition(reporter.families()).trimEnd().split("\n").slice(2);
    const bucket = (le: string) => {
      const start = `pmmux_router_selection_duration_seconds_bucket{strategy="first-available",le="${le}"} `;
      return lines.find((line) => line.startsWith(start))?.slice(start.length);
    };
    assertEquals(["0.00005", "0.0025", "0.005", "0.5", "1", "30", "+Inf"].map(bucket), [
      ...["1", "1", "3", "3", "4", "4", "5"],
    ]);
    assertEquals(lines.slice(-2), [
      'pmmux_router_selection_duration_seconds_sum{strategy="first-available"} 45.70704',
      'pmmux_router_selection_duration_seconds_count{strategy="first-available"} 5',
    ]);
    assertEquals(lines.length, DURATION_BOUNDS_MS.length + 3);
  },
});

Deno.test({
  name: "label values and help texts cannot break out of their line",
  permissions: "none",
  fn() {
    const reporter = new MetricsReporter();
    const hostile = 'a"} 1\nfake_total 2\\';
    const definition = {
      name: "guest.events",
      type: "counter",
      category: "sandbox",
      help: "First\nsecond \\ third",
      unit: "1",
      labels: ["guest name", "2nd"],
    } as const;
    reporter.counter(definition, { "guest name": hostile, "2nd": "x" }).add();
    assertEquals(exposition(reporter.families()).split("\n"), [
      "# HELP pmmux_guest_events_total First\\nsecond \\\\ third",
      "# TYPE pmmux_guest_events_total counter",
      'pmmux_guest_events_total{guest_name="a\\"} 1\\nfake_total 2\\\\",_2nd="x"} 1',
      "",
    ]);
  },
});

Deno.test({
  name: "numbers are written as Prometheus reads them",
  permissions: "none",
  fn() {
    const reporter = new MetricsReporter();
    const labels = { protocol: "p", network_protocol: "tcp" };
    for (const value of [NaN, Infinity, -Infinity, 2 ** 53, 1e21]) {
      reporter.gauge("backend.status", { backend: String(value), ...labels }).set(value);
    }
    const text = exposition(reporter.families());
    const written = [...text.matchAll(/} (.*)/g)].map((match) => match[1]);
    assertEquals(written, ["NaN", "+Inf", "-Inf", "9007199254740992", "1e+21"]);
  },
});

Deno.test({
  name: "nothing to report is an empty text",
  permissions: "none",
  fn() {
    assertEquals(exposition([]), "");
    assertEquals(exposition(new MetricsReporter().families()), "");
  },
});
