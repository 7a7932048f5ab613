/**
 * Hands the metrics to the sinks from time to time, and once more at the end.
 *
 * @module
 */

import { type Logger, silentLogger } from "../routing/logger.ts";
import { type StartInterval, startInterval } from "./interval.ts";
import type { MetricFamily, MetricSink } from "./metric_sink.ts";
import type { MetricsReporter } from "./metrics.ts";

/** What a {@linkcode MetricFlush} may be given. */
export interface MetricFlushOptions {
  /** Who receives the metrics. */
  readonly sinks: readonly MetricSink[];
  /** Milliseconds between two flushes; 10 s unless given. */
  readonly interval?: number;
  /** Told of the first failure of each sink. */
  readonly logger?: Logger;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** What the interval runs on. */
  readonly every?: StartInterval;
}

const DEFAULT_INTERVAL_MS = 10_000;

/**
 * Flushes a reporter's metrics on an interval until it is disposed. A sink that is still busy is left out,
 * so a slow one holds up nobody but itself.
 */
export class MetricFlush implements AsyncDisposable {
  readonly #reporter: MetricsReporter;
  readonly #sinks: readonly MetricSink[];
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #timer: Disposable;
  readonly #busy = new Map<MetricSink, Promise<void>>();
  readonly #failed = new Set<MetricSink>();

  /** Starts the interval. */
  constructor(reporter: MetricsReporter, options: MetricFlushOptions) {
    this.#reporter = reporter;
    this.#sinks = options.sinks;
    this.#logger = options.logger ?? silentLogger;
    this.#now = options.now ?? Date.now;
    const every = options.every ?? startInterval;
    this.#timer = every(() => void this.flush(), options.interval ?? DEFAULT_INTERVAL_MS);
  }

  /** Hands the metrics as they stand now to every sink that is not busy. Never rejects. */
  async flush(): Promise<void> {
    const families = this.#reporter.families();
    const capturedAt = this.#now();
    for (const sink of this.#sinks) {
      if (this.#busy.has(sink)) continue;
      const delivery = this.#deliver(sink, families, capturedAt);
      this.#busy.set(sink, delivery.finally(() => this.#busy.delete(sink)));
    }
    await Promise.all(this.#busy.values());
  }

  /** Stops the interval and, once no sink is busy, flushes for the last time. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer[Symbol.dispose]();
    await Promise.all(this.#busy.values());
    await this.flush();
  }

  async #deliver(sink: MetricSink, families: readonly MetricFamily[], capturedAt: number): Promise<void> {
    try {
      await sink.receive(families, capturedAt);
    } catch (error) {
      if (this.#failed.has(sink)) return;
      this.#failed.add(sink);
      this.#logger.warn("a metric sink failed; later failures are not logged", { sink: sink.name, error });
    }
  }
}
