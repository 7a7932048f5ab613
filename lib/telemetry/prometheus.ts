/**
 * Metrics in the Prometheus text exposition format, version 0.0.4.
 *
 * `backend.connection.accepted` becomes `pmmux_backend_connection_accepted_total`: counters end in `_total`,
 * durations in `_seconds`, which is also their unit there.
 *
 * @module
 */

import { type Distribution, DURATION_BOUNDS_MS } from "./instruments.ts";
import type { MetricDefinition } from "./metric_names.ts";
import type { MetricFamily, MetricLabels } from "./metric_sink.ts";

/** The content type of {@linkcode exposition}. */
export const PROMETHEUS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

const PROMETHEUS_TYPES = { counter: "counter", gauge: "gauge", duration: "histogram" } as const;

/**
 * Writes metrics down for Prometheus to scrape.
 *
 * @example
 * ```ts
 * import { MetricsReporter } from "./metrics.ts";
 * import { exposition } from "./prometheus.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const reporter = new MetricsReporter();
 * reporter.counter("client.egress.bytes", { backend: "web" }).add(1500);
 * assertEquals(
 *   exposition(reporter.families()),
 *   "# HELP pmmux_client_egress_bytes_total Bytes from backends to clients\n" +
 *     "# TYPE pmmux_client_egress_bytes_total counter\n" +
 *     'pmmux_client_egress_bytes_total{backend="web"} 1500\n',
 * );
 * ```
 */
export function exposition(families: readonly MetricFamily[]): string {
  return families.map(familyLines).join("");
}

/** The name of a metric in Prometheus. */
export function prometheusName({ name, type }: Pick<MetricDefinition, "name" | "type">): string {
  const base = `pmmux_${name.replace(/[^a-zA-Z0-9]+/g, "_")}`;
  if (type === "counter") return base.endsWith("_total") ? base : `${base}_total`;
  return type === "duration" ? `${base}_seconds` : base;
}

function familyLines({ definition, series }: MetricFamily): string {
  const name = prometheusName(definition);
  let lines = `# HELP ${name} ${escapeHelp(definition.help)}\n# TYPE ${name} ${
    PROMETHEUS_TYPES[definition.type]
  }\n`;
  for (const { labels, value } of series) {
    lines += typeof value === "number" ? sample(name, labels, value) : histogramLines(name, labels, value);
  }
  return lines;
}

/** Buckets are cumulative in the format, and their bounds are part of the labels. */
function histogramLines(name: string, labels: MetricLabels, distribution: Distribution): string {
  let lines = "";
  let cumulative = 0;
  for (const [index, bound] of DURATION_BOUNDS_MS.entries()) {
    cumulative += distribution.counts[index] ?? 0;
    lines += sample(`${name}_bucket`, { ...labels, le: number(bound / 1000) }, cumulative);
  }
  lines += sample(`${name}_bucket`, { ...labels, le: "+Inf" }, distribution.count);
  lines += sample(`${name}_sum`, labels, distribution.sum / 1000);
  return lines + sample(`${name}_count`, labels, distribution.count);
}

function sample(name: string, labels: MetricLabels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${labelName(label)}="${escapeValue(text)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${number(value)}\n`;
}

function labelName(name: string): string {
  return name.replace(/[^a-zA-Z0-9_]/g, "_").replace(/^(?=[0-9])/, "_");
}

function number(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeValue(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
