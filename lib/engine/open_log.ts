/**
 * The log that a configuration asks for.
 *
 * @module
 */

import type { Config } from "../config/types.ts";
import { createLogger, type RootLogger } from "../telemetry/log.ts";

/** Opens the log. Throws when the log directory cannot be used. */
export function openLog(config: Config): RootLogger {
  return createLogger({
    verbosity: config.verbosity,
    format: config.logFormat,
    directory: config.logDirectory,
    fileMaxSize: config.logFileMaxSize,
    fileMaxRetain: config.logFileMaxRetain,
  });
}
