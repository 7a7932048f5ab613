/**
 * What a module is given inside a guest: a log, numbers and buffers that reach the engine over the wire, and
 * the network as far as the guest's own permissions go.
 *
 * @module
 */

import { datagramBuffers } from "../net/datagram_buffers.ts";
import type { BackendContext, BackendMetrics } from "../routing/backend_module.ts";
import {
  type LazyLogFields,
  LOG_LEVELS,
  type LogFields,
  type Logger,
  type LogLevel,
} from "../routing/logger.ts";
import { Budget, LOG_BUDGET } from "./budget.ts";
import { guestNetwork } from "./guest_network.ts";
import type { SendFrame } from "./wire_stream.ts";
import { MAX_TEXT } from "./wire_values.ts";

/**
 * Lines that are sent. Twice of what the host logs: it sees that there are too many, and pays for no more.
 */
const SENT = { burst: 2 * LOG_BUDGET.burst, perSecond: 2 * LOG_BUDGET.perSecond };
/** How often numbers are sent, in milliseconds. */
const METRICS_MS = 1000;
/** Names beyond this many are not kept. */
const MAX_METRICS = 64;

/** What a {@linkcode GuestLogger} may be given. */
export interface GuestLoggerOptions {
  /** Whose lines they are; the backend's own unless given. */
  readonly category?: string;
  /** Fields of every line. */
  readonly fields?: LogFields;
  /** How many lines are sent. */
  readonly budget?: Budget;
}

/** A log whose lines travel to the engine, as long as they are not too many. */
export class GuestLogger implements Logger {
  readonly #send: SendFrame;
  readonly #least: number;
  readonly #category: string | undefined;
  readonly #fields: LogFields;
  readonly #budget: Budget;

  /** A log of the lines from a level on. */
  constructor(send: SendFrame, least: LogLevel, own: GuestLoggerOptions = {}) {
    this.#send = send;
    this.#least = LOG_LEVELS.indexOf(least);
    this.#category = own.category;
    this.#fields = own.fields ?? {};
    this.#budget = own.budget ?? new Budget(SENT);
  }

  /** Whether messages of this level are sent. */
  enabled(level: LogLevel): boolean {
    return LOG_LEVELS.indexOf(level) >= this.#least;
  }

  /** Logs at this level. */
  trace(message: string, fields?: LazyLogFields): void {
    this.write("trace", message, fields);
  }

  /** Logs at this level. */
  debug(message: string, fields?: LazyLogFields): void {
    this.write("debug", message, fields);
  }

  /** Logs at this level. */
  info(message: string, fields?: LazyLogFields): void {
    this.write("info", message, fields);
  }

  /** Logs at this level. */
  warn(message: string, fields?: LazyLogFields): void {
    this.write("warn", message, fields);
  }

  /** Logs at this level. */
  error(message: string, fields?: LazyLogFields): void {
    this.write("error", message, fields);
  }

  /** Logs at this level. */
  critical(message: string, fields?: LazyLogFields): void {
    this.write("critical", message, fields);
  }

  /** A logger of another category; its messages carry the fields given here and those of this logger. */
  child(category: string, fields: LogFields = {}): Logger {
    const own = { category, fields: { ...this.#fields, ...fields }, budget: this.#budget };
    return new GuestLogger(this.#send, LOG_LEVELS[this.#least]!, own);
  }

  /** Logs at any level. */
  write(level: LogLevel, message: string, lazy: LazyLogFields = {}): void {
    if (!this.enabled(level) || !this.#budget.spend()) return;
    const fields = typeof lazy === "function" ? lazy() : lazy;
    const entries = Object.entries({ ...this.#fields, ...fields }).filter(([, value]) => value !== undefined);
    const head = {
      level,
      message: String(message).slice(0, MAX_TEXT),
      category: this.#category,
      fields: Object.fromEntries(entries.map(([name, value]) => [name, scalar(value)])),
    };
    this.#send("log", { head });
  }
}

/** Numbers that are summed up here and sent from time to time. */
export class GuestMetrics implements BackendMetrics {
  readonly #send: SendFrame;
  #counters: Record<string, number> = {};
  #gauges: Record<string, number> = {};
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Nothing counted yet. */
  constructor(send: SendFrame) {
    this.#send = send;
  }

  /** Adds to a counter. */
  count(name: string, by = 1): void {
    if (this.#isKept(this.#counters, name)) this.#counters[name] = (this.#counters[name] ?? 0) + by;
  }

  /** Sets a gauge. */
  gauge(name: string, value: number): void {
    if (this.#isKept(this.#gauges, name)) this.#gauges[name] = value;
  }

  /** Sends what was not sent yet. */
  flush(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#send("metrics", { head: { counters: this.#counters, gauges: this.#gauges } });
    this.#counters = {};
    this.#gauges = {};
  }

  #isKept(names: Record<string, number>, name: string): boolean {
    this.#timer ??= setTimeout(() => this.flush(), METRICS_MS);
    return Object.hasOwn(names, name) || Object.keys(names).length < MAX_METRICS;
  }
}

/** What a module in a guest is given to build with. */
export function guestContext(logger: Logger, metrics: BackendMetrics): BackendContext {
  return { logger, metrics, net: guestNetwork, buffers: datagramBuffers };
}

function scalar(value: unknown): string | number | boolean {
  if (typeof value === "number" || typeof value === "boolean") return value;
  const text = typeof value === "string"
    ? value
    : value instanceof Error
    ? value.message
    : Deno.inspect(value);
  return text.slice(0, MAX_TEXT);
}
