/**
 * `@std/log/formatters`: ready-made formatters.
 *
 * @module
 */

import type { LogRecord } from "./logger.ts";

/** Writes a record as a line of JSON: level, datetime (milliseconds), message and args. */
export function jsonFormatter(logRecord: LogRecord): string {
  const { levelName: level, datetime, msg: message, args } = logRecord;
  return JSON.stringify({
    level,
    datetime: datetime.getTime(),
    message,
    args: args.length > 1 ? args : args[0],
  });
}

/** The formatters by name. */
export const formatters: { readonly jsonFormatter: (logRecord: LogRecord) => string } = { jsonFormatter };
