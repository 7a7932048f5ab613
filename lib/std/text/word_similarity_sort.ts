/**
 * `@std/text/word-similarity-sort`: words sorted by likeness.
 *
 * @module
 */

// @ts-types="./mod.d.ts"
export { wordSimilaritySort } from "npm:deno-std@1.4.0/text/word_similarity_sort.js";
export type { WordSimilaritySortOptions } from "./mod.d.ts";
