/**
 * `@std/toml`: TOML 1.0 to values and back.
 *
 * @module
 */

export * from "./parse.ts";
export * from "./stringify.ts";
