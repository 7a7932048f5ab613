/**
 * `@std/yaml/stringify`: values to YAML.
 *
 * @module
 */

// @ts-types="./mod.d.ts"
export { stringify } from "npm:deno-std@1.4.0/yaml/stringify.js";
export type { SchemaType, StringifyOptions, StyleVariant } from "./mod.d.ts";
