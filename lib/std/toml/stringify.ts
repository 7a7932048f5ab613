/**
 * `@std/toml/stringify`: values to TOML.
 *
 * @module
 */

// @ts-types="./mod.d.ts"
export { stringify } from "npm:deno-std@1.4.0/toml/stringify.js";
export type { FormatOptions } from "./mod.d.ts";
