/**
 * `@std/text/closest-string`: the word most like another.
 *
 * @module
 */

// @ts-types="./mod.d.ts"
export { closestString } from "npm:deno-std@1.4.0/text/closest_string.js";
export type { ClosestStringOptions } from "./mod.d.ts";
