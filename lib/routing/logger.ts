/**
 * How every part of the program logs, without knowing where the lines go.
 *
 * A message below the verbosity costs one comparison: hand expensive fields over as a function.
 *
 * @module
 */

/**
 * How severe a message is. The names are those of `--verbosity`, shortened where logs shorten them.
 *
 * @example
 * ```ts
 * import { LOG_LEVELS, type LogLevel } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const isAtLeast = (level: LogLevel, least: LogLevel) => LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(least);
 * assertEquals(isAtLeast("error", "warn"), true);
 * ```
 */
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "critical";

/**
 * All levels, least severe first.
 *
 * @example
 * ```ts
 * import { LOG_LEVELS } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([LOG_LEVELS[0], LOG_LEVELS.at(-1)], ["trace", "critical"]);
 * ```
 */
export const LOG_LEVELS: readonly LogLevel[] = ["trace", "debug", "info", "warn", "error", "critical"];

/**
 * What a message is about, by name. Undefined values are left out; values whose name says that they are
 * secret are masked; client-controlled text may be given as it is.
 *
 * @example
 * ```ts
 * import type { LogFields } from "@pmmux/cli/mod";
 *
 * const fields: LogFields = { client: "198.51.100.7:50000", bytes: 512, reason: undefined };
 * ```
 */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Fields, or a function that makes them when the message is really logged.
 *
 * @example
 * ```ts
 * import { type LazyLogFields, silentLogger } from "@pmmux/cli/mod";
 *
 * const expensive: LazyLogFields = () => ({ headers: JSON.stringify({ host: "www.example.com" }) });
 * silentLogger.trace("a request", expensive);
 * ```
 */
export type LazyLogFields = LogFields | (() => LogFields);

/**
 * Logs in the name of one category (`router`, `backend-monitor`, …). Logging never throws.
 *
 * @example
 * ```ts
 * import { type Logger, Multiplexer } from "@pmmux/cli/mod";
 *
 * // Writes what went wrong to the console, and nothing else.
 * function consoleLogger(category: string): Logger {
 *   const write = (message: string) => console.error(`${category}: ${message}`);
 *   return {
 *     enabled: (level) => level === "error" || level === "critical",
 *     trace() {},
 *     debug() {},
 *     info() {},
 *     warn() {},
 *     error: write,
 *     critical: write,
 *     child: consoleLogger,
 *   };
 * }
 * await using multiplexer = new Multiplexer({}, { logger: consoleLogger("pmmux") });
 * await multiplexer.start();
 * ```
 */
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
 * import { silentLogger } from "@pmmux/cli/mod";
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
