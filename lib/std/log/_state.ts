/**
 * The handlers and loggers of this process.
 *
 * @module
 */

import type { BaseHandler } from "./base_handler.ts";
import type { Logger } from "./logger.ts";

/** The handlers that were set up, by name. */
export const handlers: Map<string, BaseHandler> = new Map();

/** The loggers by name. */
export const loggers: Map<string, Logger> = new Map();
