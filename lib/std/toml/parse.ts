/**
 * `@std/toml/parse`: TOML to values.
 *
 * @module
 */

// @ts-types="./mod.d.ts"
export { parse } from "npm:deno-std@1.4.0/toml/parse.js";
