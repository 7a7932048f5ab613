/**
 * How configuration faults are told: each says where it was found, what was found and what is allowed.
 *
 * @module
 */

import { maskUrls } from "./secrets.ts";

/**
 * Where a fault was found, and what lies beneath it.
 *
 * @example
 * ```ts
 * import { ConfigError, type ConfigErrorOptions } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const place: ConfigErrorOptions = { source: "pmmux.toml: backends[2]" };
 * assertEquals(new ConfigError("there is no target", place).source, "pmmux.toml: backends[2]");
 * ```
 */
export interface ConfigErrorOptions {
  /** The place: `pmmux.toml: backends[2]`, `command line: --verbosity`, `environment PMMUX__VERBOSITY`. */
  readonly source?: string;
  /** The part of the configuration that is at fault, where the place is for others to find. */
  readonly subject?: string;
  /** The error that this one explains. */
  readonly cause?: unknown;
}

/**
 * A fault in the configuration.
 *
 * @example
 * ```ts
 * import { ConfigError } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new ConfigError('"http" is not a port', { source: "pmmux.toml: metrics-port" });
 * assertEquals(String(error), 'pmmux.toml: metrics-port: "http" is not a port');
 * ```
 */
export class ConfigError extends Error {
  /** The name that stack traces show. */
  override readonly name = "ConfigError";
  /** Where the fault was found; undefined when a text was parsed on its own. */
  readonly source?: string;
  /** What it is about, as long as the place is unknown. */
  readonly subject?: string;

  /** Makes an error of a message that quotes the value, without secrets in URLs, and names what is allowed. */
  constructor(message: string, options: ConfigErrorOptions = {}) {
    super(maskUrls(message), { cause: options.cause });
    this.source = options.source;
    this.subject = options.subject;
  }

  /** The place and the message on one line. */
  override toString(): string {
    return this.source === undefined ? this.message : `${this.source}: ${this.message}`;
  }
}

/** Something the reader of a configuration should know that is no fault. */
export interface ConfigNotice {
  /** The place, as in {@linkcode ConfigErrorOptions}. */
  readonly source: string;
  /** What to know. */
  readonly message: string;
}

/** Takes the faults of one value; reading goes on after a fault, so that one run finds all of them. */
export type Report = (message: string) => void;

/** Gives the {@linkcode Report} of one place. */
export type ReportAt = (source: string) => Report;

/**
 * Runs a reader that reports its faults, and turns them into one thrown error.
 *
 * @throws {ConfigError} If anything was reported.
 */
export function throwingReports<T>(read: (report: Report) => T | undefined): T {
  const messages: string[] = [];
  const value = read((message) => messages.push(message));
  if (messages.length > 0 || value === undefined) throw new ConfigError(messages.join("; "));
  return value;
}
