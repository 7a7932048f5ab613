/**
 * `@std/log`: named loggers with handlers for the console and for files.
 *
 * The package ended with version 0.224.14 and no other registry carries it, so the part that pmmux uses is
 * written here, with the names and behaviour of the original.
 *
 * @module
 */

export * from "./base_handler.ts";
export * from "./console_handler.ts";
export * from "./default_logger.ts";
export * from "./file_handler.ts";
export * from "./formatters.ts";
export * from "./get_logger.ts";
export * from "./levels.ts";
export * from "./logger.ts";
export * from "./rotating_file_handler.ts";
export * from "./setup.ts";
