/**
 * The logger of one category: decides whether a message is worth anything before anything is made of it.
 *
 * @module
 */

import type { Verbosity } from "../config/types.ts";
import type { LazyLogFields, LogFields, Logger, LogLevel } from "../routing/logger.ts";
import type { LogEntry } from "./log_format.ts";

/** What the loggers of all categories share. */
export interface LogOutput {
  /** The least severe messages that are emitted. */
  verbosity: Verbosity;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Takes a message to where it goes. */
  readonly emit: (entry: LogEntry) => void;
}

const RANKS: Readonly<Record<LogLevel, number>> = {
  trace: 0,
  debug: 1,
  info: 2,
  warn: 3,
  error: 4,
  critical: 5,
};

const THRESHOLDS: Readonly<Record<Verbosity, number>> = {
  trace: 0,
  debug: 1,
  information: 2,
  warning: 3,
  error: 4,
  critical: 5,
  none: 6,
};

/** Logs in the name of one category. */
export class CategoryLogger implements Logger {
  readonly #output: LogOutput;
  readonly #category: string;
  readonly #fields: LogFields;

  /** A logger of a category whose messages all carry the fields. */
  constructor(output: LogOutput, category: string, fields: LogFields = {}) {
    this.#output = output;
    this.#category = category;
    this.#fields = fields;
  }

  /** Whether messages of this level are written. */
  enabled(level: LogLevel): boolean {
    return RANKS[level] >= THRESHOLDS[this.#output.verbosity];
  }

  /** Logs at this level. */
  trace(message: string, fields?: LazyLogFields): void {
    if (this.enabled("trace")) this.#emit("trace", message, fields);
  }

  /** Logs at this level. */
  debug(message: string, fields?: LazyLogFields): void {
    if (this.enabled("debug")) this.#emit("debug", message, fields);
  }

  /** Logs at this level. */
  info(message: string, fields?: LazyLogFields): void {
    if (this.enabled("info")) this.#emit("info", message, fields);
  }

  /** Logs at this level. */
  warn(message: string, fields?: LazyLogFields): void {
    if (this.enabled("warn")) this.#emit("warn", message, fields);
  }

  /** Logs at this level. */
  error(message: string, fields?: LazyLogFields): void {
    if (this.enabled("error")) this.#emit("error", message, fields);
  }

  /** Logs at this level. */
  critical(message: string, fields?: LazyLogFields): void {
    if (this.enabled("critical")) this.#emit("critical", message, fields);
  }

  /** A logger of another category; its messages carry the fields given here and those of this logger. */
  child(category: string, fields: LogFields = {}): Logger {
    return new CategoryLogger(this.#output, category, { ...this.#fields, ...fields });
  }

  #emit(level: LogLevel, message: string, lazy: LazyLogFields = {}): void {
    const time = this.#output.now();
    const category = this.#category;
    // Whatever it is that cannot be logged, the work that is logged about goes on.
    try {
      const own = typeof lazy === "function" ? lazy() : lazy;
      this.#output.emit({ time, level, category, message, fields: { ...this.#fields, ...own } });
    } catch (error) {
      this.#output.emit({ time, level, category, message, fields: { log_error: String(error) } });
    }
  }
}
