/**
 * The functions that log with the default logger.
 *
 * @module
 */

import { getLogger } from "./get_logger.ts";
import type { GenericFunction } from "./logger.ts";

/** Logs with level DEBUG and gives the message back. */
export function debug<T>(msg: () => T, ...args: unknown[]): T | undefined;
/** Logs with level DEBUG and gives the message back. */
export function debug<T>(msg: T extends GenericFunction ? never : T, ...args: unknown[]): T;
export function debug<T>(
  msg: (T extends GenericFunction ? never : T) | (() => T),
  ...args: unknown[]
): T | undefined {
  return getLogger().debug(msg as () => T, ...args);
}

/** Logs with level INFO and gives the message back. */
export function info<T>(msg: () => T, ...args: unknown[]): T | undefined;
/** Logs with level INFO and gives the message back. */
export function info<T>(msg: T extends GenericFunction ? never : T, ...args: unknown[]): T;
export function info<T>(
  msg: (T extends GenericFunction ? never : T) | (() => T),
  ...args: unknown[]
): T | undefined {
  return getLogger().info(msg as () => T, ...args);
}

/** Logs with level WARN and gives the message back. */
export function warn<T>(msg: () => T, ...args: unknown[]): T | undefined;
/** Logs with level WARN and gives the message back. */
export function warn<T>(msg: T extends GenericFunction ? never : T, ...args: unknown[]): T;
export function warn<T>(
  msg: (T extends GenericFunction ? never : T) | (() => T),
  ...args: unknown[]
): T | undefined {
  return getLogger().warn(msg as () => T, ...args);
}

/** Logs with level ERROR and gives the message back. */
export function error<T>(msg: () => T, ...args: unknown[]): T | undefined;
/** Logs with level ERROR and gives the message back. */
export function error<T>(msg: T extends GenericFunction ? never : T, ...args: unknown[]): T;
export function error<T>(
  msg: (T extends GenericFunction ? never : T) | (() => T),
  ...args: unknown[]
): T | undefined {
  return getLogger().error(msg as () => T, ...args);
}

/** Logs with level CRITICAL and gives the message back. */
export function critical<T>(msg: () => T, ...args: unknown[]): T | undefined;
/** Logs with level CRITICAL and gives the message back. */
export function critical<T>(msg: T extends GenericFunction ? never : T, ...args: unknown[]): T;
export function critical<T>(
  msg: (T extends GenericFunction ? never : T) | (() => T),
  ...args: unknown[]
): T | undefined {
  return getLogger().critical(msg as () => T, ...args);
}
