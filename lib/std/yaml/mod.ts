/**
 * `@std/yaml`: YAML 1.2 to values and back.
 *
 * @module
 */

export * from "./parse.ts";
export * from "./stringify.ts";
