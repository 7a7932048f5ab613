/**
 * Writes metrics to the log: what `--log-metrics` turns on.
 *
 * @module
 */

import type { LogFields, Logger } from "../routing/logger.ts";
import type { Distribution } from "./instruments.ts";
import type { MetricFamily, MetricSink } from "./metric_sink.ts";

/** Logs every series that changed since the last time, or is no longer 0, at information, under the category `metrics`. */
export class LogMetricSink implements MetricSink {
  /** How logs call it. */
  readonly name = "log";
  readonly #logger: Logger;
  /** What was logged last: the value, or the count of a distribution. */
  #logged: ReadonlyMap<string, number> = new Map();

  /** A sink that has logged nothing yet. */
  constructor(logger: Logger) {
    this.#logger = logger.child("metrics");
  }

  /** Logs what changed. The line's own time stands for the time of capture, which is just before. */
  receive(families: readonly MetricFamily[]): void {
    const current = new Map<string, number>();
    for (const { definition, series } of families) {
      for (const { labels, value } of series) {
        const key = JSON.stringify([definition.name, labels]);
        const mark = typeof value === "number" ? value : value.count;
        current.set(key, mark);
        if ((this.#logged.get(key) ?? 0) === mark) continue;
        this.#logger.info(definition.name, () => ({ ...numbers(value), ...labels }));
      }
    }
    this.#logged = current;
  }
}

function numbers(value: number | Distribution): LogFields {
  if (typeof value === "number") return { value };
  return { count: value.count, mean_ms: Number((value.sum / value.count).toFixed(3)) };
}
