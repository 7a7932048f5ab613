/**
 * `@std/log`: loggers, and handlers that write records to files or elsewhere.
 *
 * The package ended with version 0.224.14 and no other registry carries it, so the part that pmmux uses is
 * written here, with the names and behaviour of the original.
 *
 * @module
 */

export * from "./base_handler.ts";
export * from "./file_handler.ts";
export * from "./levels.ts";
export * from "./logger.ts";
