/**
 * `@std/yaml/parse`: YAML to values.
 *
 * @module
 */

// @ts-types="./mod.d.ts"
export { parse, parseAll } from "npm:deno-std@1.4.0/yaml/parse.js";
export type { ParseOptions, SchemaType } from "./mod.d.ts";
