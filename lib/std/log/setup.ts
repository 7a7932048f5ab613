/**
 * `@std/log/setup`: handlers and loggers by name.
 *
 * @module
 */

import { handlers, loggers } from "./_state.ts";
import { ConsoleHandler } from "./console_handler.ts";
import { type LogConfig, Logger } from "./logger.ts";

const DEFAULT_CONFIG: Required<LogConfig> = {
  handlers: { default: new ConsoleHandler("INFO") },
  loggers: { default: { level: "INFO", handlers: ["default"] } },
};

/**
 * Destroys the handlers of the process and sets up the given ones beside a default logger on the console.
 * Loggers that were fetched before keep their old handlers.
 */
export function setup(config: LogConfig): void {
  for (const handler of handlers.values()) handler.destroy();
  handlers.clear();
  for (const [name, handler] of Object.entries({ ...DEFAULT_CONFIG.handlers, ...config.handlers })) {
    handler.setup();
    handlers.set(name, handler);
  }

  loggers.clear();
  for (const [name, logger] of Object.entries({ ...DEFAULT_CONFIG.loggers, ...config.loggers })) {
    const own = (logger.handlers ?? []).flatMap((handlerName) => handlers.get(handlerName) ?? []);
    loggers.set(name, new Logger(name, logger.level ?? "INFO", { handlers: own }));
  }
}

setup(DEFAULT_CONFIG);
