/**
 * `@std/text/compare-similarity`: a sort order by likeness.
 *
 * @module
 */

// @ts-types="./mod.d.ts"
export { compareSimilarity } from "npm:deno-std@1.4.0/text/compare_similarity.js";
export type { CompareSimilarityOptions } from "./mod.d.ts";
