/**
 * How every part of the program logs, without knowing where the lines go.
 *
 * A message below the verbosity costs one comparison: hand expensive fields over as a function.
 *
 * @module
 */

/** How severe a message is. The names are those of `--verbosity`, shortened where logs shorten them. */
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "critical";

/** All levels, least severe first. */
export const LOG_LEVELS: readonly LogLevel[] = ["trace", "debug", "info", "warn", "error", "critical"];

/**
 * What a message is about, by name. Undefined values are left out; values whose name says that they are
 * secret are masked; client-controlled text may be given as it is.
 */
export type LogFields = Readonly<Record<string, unknown>>;

/** Fields, or a function that makes them when the message is really logged. */
export type LazyLogFields = LogFields | (() => LogFields);

/** Logs in the name of one category (`router`, `backend-monitor`, …). Logging never throws. */
export interface Logger {
  /** Whether messages of this level are written. */
  enabled(level: LogLevel): boolean;
  /** Probe details, property dumps, headers. */
  trace(message: string, fields?: LazyLogFields): void;
  /** What helps to find a fault: state changes, retries. */
  debug(message: string, fields?: LazyLogFields): void;
  /** What an operator wants to see in normal operation: the summary, one line a connection. */
  info(message: string, fields?: LazyLogFields): void;
  /** Something is wrong, and the program goes on without loss. */
  warn(message: string, fields?: LazyLogFields): void;
  /** Something failed that somebody asked for. */
  error(message: string, fields?: LazyLogFields): void;
  /** The program cannot go on. */
  critical(message: string, fields?: LazyLogFields): void;
  /** A logger of another category; its messages carry the fields given here and those of this logger. */
  child(category: string, fields?: LogFields): Logger;
}

/**
 * Logs nothing: the default wherever a logger may be given.
 *
 * @example
 * ```ts
 * import { silentLogger } from "./logger.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(silentLogger.enabled("critical"), false);
 * ```
 */
export const silentLogger: Logger = {
  enabled: () => false,
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
  critical() {},
  child: () => silentLogger,
};
