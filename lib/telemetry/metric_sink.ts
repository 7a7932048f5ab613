/**
 * What exporters of metrics see, and what they have to be.
 *
 * @module
 */

import type { Distribution } from "./instruments.ts";
import type { MetricDefinition } from "./metric_names.ts";

/**
 * Label values by label name.
 *
 * @example
 * ```ts
 * import type { MetricLabels } from "@pmmux/cli/mod";
 *
 * const labels: MetricLabels = { backend: "web", protocol: "pass", network_protocol: "Tcp" };
 * ```
 */
export type MetricLabels = Readonly<Record<string, string>>;

/**
 * One set of label values, as it stood when it was captured.
 *
 * @example
 * ```ts
 * import type { MetricSeries } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const series: MetricSeries = { labels: { backend: "web" }, value: 42 };
 * const total = typeof series.value === "number" ? series.value : series.value.count;
 * assertEquals(total, 42);
 * ```
 */
export interface MetricSeries {
  /** Exactly the labels of the definition. */
  readonly labels: MetricLabels;
  /** The number of a counter or gauge, the distribution of a duration. */
  readonly value: number | Distribution;
}

/**
 * A metric with all its series.
 *
 * @example
 * ```ts
 * import type { MetricFamily } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const lines = ({ definition, series }: MetricFamily) =>
 *   series.map(({ labels, value }) => `${definition.name} ${JSON.stringify(labels)} ${value}`);
 * const definition = {
 *   name: "errors",
 *   type: "counter",
 *   category: "demo",
 *   help: "what failed",
 *   unit: "1",
 *   labels: [],
 * } as const;
 * assertEquals(lines({ definition, series: [{ labels: {}, value: 1 }] }), ["errors {} 1"]);
 * ```
 */
export interface MetricFamily {
  /** What the metric is. */
  readonly definition: MetricDefinition;
  /** In the order in which they were first used. */
  readonly series: readonly MetricSeries[];
}

/**
 * Takes metrics somewhere: to a log, to a collector.
 *
 * @example
 * ```ts
 * import type { MetricSink } from "@pmmux/cli/mod";
 *
 * const sink: MetricSink = {
 *   name: "console",
 *   receive(families, capturedAt) {
 *     console.log(new Date(capturedAt).toISOString(), families.length);
 *   },
 * };
 * sink.receive([], Date.now());
 * ```
 */
export interface MetricSink {
  /** How logs call it. */
  readonly name: string;
  /**
   * Takes all metrics as they stood at `capturedAt`, in milliseconds since the epoch. Counters and durations
   * are totals since the start. What it throws is logged once; it is called again all the same.
   */
  receive(families: readonly MetricFamily[], capturedAt: number): void | Promise<void>;
}
