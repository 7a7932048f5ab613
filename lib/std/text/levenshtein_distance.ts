/**
 * `@std/text/levenshtein-distance`: the edit distance of two texts.
 *
 * @module
 */

// @ts-types="./mod.d.ts"
export { levenshteinDistance } from "npm:deno-std@1.4.0/text/levenshtein_distance.js";
