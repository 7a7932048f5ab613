/**
 * `@std/log/get-logger`: a logger by its name.
 *
 * @module
 */

import { loggers } from "./_state.ts";
import { Logger } from "./logger.ts";
import "./setup.ts";

/** Gives the logger of that name; an unknown name gives one without handlers, no name the default one. */
export function getLogger(name?: string): Logger {
  const known = loggers.get(name || "default");
  if (known !== undefined) return known;
  if (!name) throw new Error('"default" logger must be set for getting logger without name');
  const logger = new Logger(name, "NOTSET", { handlers: [] });
  loggers.set(name, logger);
  return logger;
}
