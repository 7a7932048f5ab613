/**
 * Where metrics are kept: one family a metric, one series a set of label values.
 *
 * Whoever reports resolves an instrument once and then only adds to it. Nothing is queued, so nothing is
 * lost: exporters read the sums.
 *
 * @module
 */

import { type Logger, silentLogger } from "../routing/logger.ts";
import { Counter, Duration, Gauge } from "./instruments.ts";
import {
  type LabelsOf,
  type MetricDefinition,
  metricDefinition,
  type MetricName,
  type MetricType,
} from "./metric_names.ts";
import type { MetricFamily, MetricLabels, MetricSeries } from "./metric_sink.ts";

/** What a reporter may be given. */
export interface MetricsOptions {
  /** Told once of every metric that has too many series, and of gauges that cannot be read. */
  readonly logger?: Logger;
  /** Series a metric may have; further label values are summed up as `other`. 2,000 unless given. */
  readonly maxSeries?: number;
  /** The clock of {@linkcode MetricsReporter.measure}, in milliseconds. */
  readonly now?: () => number;
}

const DEFAULT_MAX_SERIES = 2000;

/** What series beyond the bound are called. */
const OTHER = "other";

interface Series {
  readonly labels: MetricLabels;
  readonly instrument: Counter | Gauge | Duration;
  /** Reads the value of an observed gauge. */
  read?: () => number;
}

interface Family {
  readonly definition: MetricDefinition;
  readonly series: Map<string, Series>;
  overflow?: Series;
}

/**
 * Gives out instruments and lists what they hold. Metrics of this program are named; those of others, such
 * as extensions, are given by their definition.
 *
 * @example
 * ```ts
 * import { MetricsReporter } from "./metrics.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const reporter = new MetricsReporter();
 * const bytes = reporter.counter("client.egress.bytes", { backend: "web" });
 * bytes.add(1500);
 * bytes.add(20);
 * const [family] = reporter.families();
 * assertEquals(family?.series, [{ labels: { backend: "web" }, value: 1520 }]);
 * ```
 */
export class MetricsReporter {
  readonly #families = new Map<string, Family>();
  readonly #logger: Logger;
  readonly #maxSeries: number;
  readonly #now: () => number;
  readonly #unreadable = new Set<string>();
  readonly #beforeRead: (() => void)[] = [];

  /** A reporter without any series. */
  constructor(options: MetricsOptions = {}) {
    this.#logger = options.logger ?? silentLogger;
    this.#maxSeries = options.maxSeries ?? DEFAULT_MAX_SERIES;
    this.#now = options.now ?? (() => performance.now());
  }

  /** The counter of these labels; the same object for the same labels. */
  counter<M extends MetricName<"counter"> | MetricDefinition>(metric: M, labels: LabelsOf<M>): Counter {
    return this.#resolve(metric, labels, "counter").instrument as Counter;
  }

  /** Counts one event. For rare ones: whoever counts often keeps the {@linkcode counter}. */
  event<M extends MetricName<"counter"> | MetricDefinition>(metric: M, labels: LabelsOf<M>): void {
    (this.#resolve(metric, labels, "counter").instrument as Counter).add();
  }

  /** The gauge of these labels; the same object for the same labels. */
  gauge<M extends MetricName<"gauge"> | MetricDefinition>(metric: M, labels: LabelsOf<M>): Gauge {
    return this.#resolve(metric, labels, "gauge").instrument as Gauge;
  }

  /** A gauge whose value is asked for when it is captured. The last observer of the same labels counts. */
  observe<M extends MetricName<"gauge"> | MetricDefinition>(
    metric: M,
    labels: LabelsOf<M>,
    read: () => number,
  ): Disposable {
    const series = this.#resolve(metric, labels, "gauge");
    series.read = read;
    return {
      [Symbol.dispose]: () => {
        if (series.read === read) series.read = undefined;
      },
    };
  }

  /** The histogram of these labels; the same object for the same labels. */
  duration<M extends MetricName<"duration"> | MetricDefinition>(metric: M, labels: LabelsOf<M>): Duration {
    return this.#resolve(metric, labels, "duration").instrument as Duration;
  }

  /** Records how long some work took, also when it fails. */
  async measure<T>(duration: Duration, work: () => T | Promise<T>): Promise<T> {
    const start = this.#now();
    try {
      return await work();
    } finally {
      duration.record(this.#now() - start);
    }
  }

  /**
   * Drops every series that has these label values, such as those of a backend that was removed. Counts
   * that its instruments take afterwards are not seen any more.
   */
  forget(labels: MetricLabels): void {
    const wanted = Object.entries(labels);
    for (const { series } of this.#families.values()) {
      for (const [key, candidate] of series) {
        if (wanted.every(([name, value]) => candidate.labels[name] === value)) series.delete(key);
      }
    }
  }

  /** Drops every series of a gauge, all of which are to be set anew. */
  clear(gauge: MetricName<"gauge">): void {
    const family = this.#families.get(gauge);
    family?.series.clear();
    (family?.overflow?.instrument as Gauge | undefined)?.set(0);
  }

  /** Has something called whenever the metrics are about to be read, to bring them up to date. */
  beforeRead(update: () => void): void {
    this.#beforeRead.push(update);
  }

  /** All metrics that have a series, as they stand now, in the order in which they were first used. */
  families(): MetricFamily[] {
    for (const update of this.#beforeRead) update();
    const families: MetricFamily[] = [];
    for (const { definition, series, overflow } of this.#families.values()) {
      const captured: MetricSeries[] = [];
      for (const one of series.values()) this.#capture(definition, one, captured);
      if (overflow !== undefined) this.#capture(definition, overflow, captured);
      if (captured.length > 0) families.push({ definition, series: captured });
    }
    return families;
  }

  #resolve(metric: MetricName | MetricDefinition, labels: MetricLabels, type: MetricType): Series {
    const family = this.#family(metric, type);
    const key = JSON.stringify(family.definition.labels.map((name) => labels[name] ?? ""));
    const known = family.series.get(key);
    if (known !== undefined) return known;
    if (family.series.size >= this.#maxSeries) return this.#overflow(family);
    const series = newSeries(family.definition, (name) => labels[name] ?? "");
    family.series.set(key, series);
    return series;
  }

  #family(metric: MetricName | MetricDefinition, type: MetricType): Family {
    const name = typeof metric === "string" ? metric : metric.name;
    let family = this.#families.get(name);
    if (family === undefined) {
      const definition = typeof metric === "string" ? metricDefinition(metric) : metric;
      family = { definition, series: new Map() };
      this.#families.set(name, family);
    }
    if (family.definition.type !== type) {
      throw new TypeError(`Cannot use metric "${name}" as a ${type}: it is a ${family.definition.type}`);
    }
    return family;
  }

  #overflow(family: Family): Series {
    if (family.overflow === undefined) {
      const { definition } = family;
      family.overflow = newSeries(definition, () => OTHER);
      this.#logger.warn(`too many label values: further ones are counted as "${OTHER}"`, {
        metric: definition.name,
        limit: this.#maxSeries,
      });
    }
    return family.overflow;
  }

  #capture(definition: MetricDefinition, series: Series, into: MetricSeries[]): void {
    const { labels, instrument, read } = series;
    if (instrument instanceof Duration) {
      const { counts, count, sum } = instrument;
      into.push({ labels, value: { counts: counts.slice(), count, sum } });
    } else if (read === undefined) {
      into.push({ labels, value: instrument.value });
    } else {
      try {
        into.push({ labels, value: read() });
      } catch (error) {
        if (this.#unreadable.has(definition.name)) return;
        this.#unreadable.add(definition.name);
        this.#logger.warn("cannot read a gauge: it is left out", { metric: definition.name, error });
      }
    }
  }
}

function newSeries(definition: MetricDefinition, valueOf: (label: string) => string): Series {
  const labels = Object.fromEntries(definition.labels.map((name) => [name, valueOf(name)]));
  const Instrument = { counter: Counter, gauge: Gauge, duration: Duration }[definition.type];
  return { labels, instrument: new Instrument() };
}
