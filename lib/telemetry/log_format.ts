/**
 * What a log line looks like. One message is one line, whatever is in it.
 *
 * @module
 */

import type { LogFields, LogLevel } from "../routing/logger.ts";
import { boundedText, escapeInvisible, type LogValue, logValue } from "./log_value.ts";

/** One message on its way to the console or a file. */
export interface LogEntry {
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** How severe it is. */
  readonly level: LogLevel;
  /** The part of the program that says it. */
  readonly category: string;
  /** What it says. */
  readonly message: string;
  /** What it is about. */
  readonly fields: LogFields;
}

/** How {@linkcode formatText} writes. */
export interface TextFormatOptions {
  /** Whether to colour the line with ANSI escape sequences. */
  readonly colour?: boolean;
}

const LABELS: Readonly<Record<LogLevel, string>> = {
  trace: "trace",
  debug: "debug",
  info: "info ",
  warn: "warn ",
  error: "error",
  critical: "crit ",
};

/** Select Graphic Rendition parameters (ECMA-48): grey, cyan, green, yellow, red, white on red. */
const COLOURS: Readonly<Record<LogLevel, string>> = {
  trace: "90",
  debug: "36",
  info: "32",
  warn: "33",
  error: "31",
  critical: "97;41",
};
const DIM = "2";

/** Texts that need no quotes to be told from what is around them. */
const PLAIN = /^[^\s"=\\]+$/;

const UNUSUAL_IN_NAME = /[^\w.:/@-]/g;

/** The names that a JSON line has anyway. */
const RESERVED: readonly string[] = ["time", "level", "category", "message"];

/**
 * A line for people.
 *
 * @example
 * ```ts
 * import { formatText } from "./log_format.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const entry = { time: 0, level: "warn", category: "router", message: "no answer", fields: { port: 22 } } as const;
 * assertEquals(formatText(entry), "1970-01-01T00:00:00.000Z warn  [router] no answer port=22");
 * ```
 */
export function formatText(entry: LogEntry, { colour = false }: TextFormatOptions = {}): string {
  const { time, level, category, message } = entry;
  const paint = (text: string, style: string) => colour ? `\x1b[${style}m${text}\x1b[0m` : text;
  const start = paint(new Date(time).toISOString(), DIM);
  const label = paint(LABELS[level], COLOURS[level]);
  let line = `${start} ${label} [${escapeInvisible(category)}] ${escapeInvisible(boundedText(message))}`;
  for (const [name, value] of presentFields(entry.fields)) {
    line += ` ${paint(`${name.replace(UNUSUAL_IN_NAME, "_")}=`, DIM)}${textOf(value)}`;
  }
  return line;
}

/**
 * A line for programs: one JSON object with `time`, `level`, `category`, `message` and the fields. A field of
 * one of these four names gets an underscore behind it.
 *
 * @example
 * ```ts
 * import { formatJson } from "./log_format.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const entry = { time: 0, level: "info", category: "router", message: "up", fields: { level: 3 } } as const;
 * assertEquals(
 *   formatJson(entry),
 *   '{"time":"1970-01-01T00:00:00.000Z","level":"info","category":"router","message":"up","level_":3}',
 * );
 * ```
 */
export function formatJson({ time, level, category, message, fields }: LogEntry): string {
  const line: Record<string, LogValue> = {
    time: new Date(time).toISOString(),
    level,
    category,
    message: boundedText(message),
  };
  for (const [name, value] of presentFields(fields)) {
    line[RESERVED.includes(name) ? `${name}_` : name] = value;
  }
  return escapeInvisible(JSON.stringify(line));
}

function presentFields(fields: LogFields): [string, LogValue][] {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined);
  return present.map(([name, value]) => [name, logValue(name, value)]);
}

function textOf(value: LogValue): string {
  if (typeof value !== "string") return escapeInvisible(JSON.stringify(value));
  const escaped = escapeInvisible(value);
  return PLAIN.test(escaped) ? escaped : escapeInvisible(JSON.stringify(value));
}
