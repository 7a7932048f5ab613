/**
 * What a guest reports about itself: its log and its numbers. All of it is the guest's own word.
 *
 * @module
 */

import type { BackendMetrics } from "../routing/backend_module.ts";
import { LOG_LEVELS, type Logger } from "../routing/logger.ts";
import { LogLimiter } from "../routing/log_limiter.ts";
import { Budget, LOG_BUDGET } from "./budget.ts";
import { oneLine } from "./host_text.ts";
import type { Frame } from "./wire.ts";
import { isNumber, isScalar, readNames, readRecord, readText, readWord } from "./wire_values.ts";

/** What {@linkcode GuestReports} work with. */
export interface GuestReportsOptions {
  /** The log in the backend's name. */
  readonly logger: Logger;
  /** Takes the numbers. */
  readonly metrics?: BackendMetrics;
}

/** Names of numbers that a guest may use; more are ignored. */
const MAX_METRICS = 64;
const METRIC_NAME = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$/;
const MAX_METRIC_NAME = 80;
/** Fields by which a line tells whose it is; a guest cannot say that it is somebody else's. */
const OURS: ReadonlySet<string> = new Set(["backend", "guest"]);
const SAID_AGAIN_MS = 10_000;

/** Takes a guest's reports. */
export class GuestReports {
  readonly #logger: Logger;
  readonly #metrics: BackendMetrics | undefined;
  readonly #budget = new Budget(LOG_BUDGET);
  readonly #limiter = new LogLimiter();
  readonly #names = new Set<string>();

  /** Logs in the name of the guest. */
  constructor({ logger, metrics }: GuestReportsOptions) {
    this.#logger = logger.child("guest");
    this.#metrics = metrics;
  }

  /** Takes a log line. */
  log({ head }: Frame): void {
    const record = readRecord(head);
    const level = readWord(record, "level", LOG_LEVELS);
    const message = readText(record, "message") ?? "";
    const category = readText(record, "category", 64);
    const own = Object.entries(readNames(record, "fields", isScalar)).filter(([name]) => !OURS.has(name));
    if (!this.#budget.spend()) return this.limited("guest logs too much: lines are dropped");
    const fields = { ...Object.fromEntries(own), ...(category !== undefined && { category }) };
    this.#logger[level](oneLine(message), fields);
  }

  /** Takes a line of the standard output or error. */
  output(line: string): void {
    if (!this.#budget.spend()) return this.limited("guest logs too much: lines are dropped");
    this.#logger.info(oneLine(line), { output: true });
  }

  /** Takes numbers. */
  metrics({ head }: Frame): void {
    const record = readRecord(head);
    for (const [name, by] of this.#known(readNames(record, "counters", isNumber))) {
      if (by >= 0) this.#metrics?.count(name, by);
    }
    for (const [name, value] of this.#known(readNames(record, "gauges", isNumber))) {
      this.#metrics?.gauge(name, value);
    }
  }

  /** Warns of something that may go on; said once in a while, and how often meanwhile. */
  limited(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    const suppressed = this.#limiter.limited(message, SAID_AGAIN_MS);
    if (suppressed === undefined) return;
    this.#logger.warn(message, suppressed > 0 ? { ...fields, suppressed } : fields);
  }

  #known(values: Readonly<Record<string, number>>): [string, number][] {
    return Object.entries(values).filter(([name]) => {
      if (name.length > MAX_METRIC_NAME || !METRIC_NAME.test(name)) return false;
      if (this.#names.size < MAX_METRICS) this.#names.add(name);
      return this.#names.has(name);
    });
  }
}
