/**
 * What exporters of metrics see, and what they have to be.
 *
 * @module
 */

import type { Distribution } from "./instruments.ts";
import type { MetricDefinition } from "./metric_names.ts";

/** Label values by label name. */
export type MetricLabels = Readonly<Record<string, string>>;

/** One set of label values, as it stood when it was captured. */
export interface MetricSeries {
  /** Exactly the labels of the definition. */
  readonly labels: MetricLabels;
  /** The number of a counter or gauge, the distribution of a duration. */
  readonly value: number | Distribution;
}

/** A metric with all its series. */
export interface MetricFamily {
  /** What the metric is. */
  readonly definition: MetricDefinition;
  /** In the order in which they were first used. */
  readonly series: readonly MetricSeries[];
}

/** Takes metrics somewhere: to a log, to a collector. */
export interface MetricSink {
  /** How logs call it. */
  readonly name: string;
  /**
   * Takes all metrics as they stood at `capturedAt`, in milliseconds since the epoch. Counters and durations
   * are totals since the start. What it throws is logged once; it is called again all the same.
   */
  receive(families: readonly MetricFamily[], capturedAt: number): void | Promise<void>;
}
