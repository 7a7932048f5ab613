/**
 * The public types of the part of `@std/text` 1.x that compares words.
 *
 * @module
 */

/** Options of the comparisons. */
interface SimilarityOptions {
  /** True tells upper case from lower case. */
  caseSensitive?: boolean;
  /** The distance of two words; {@linkcode levenshteinDistance} unless given. */
  compareFn?: (a: string, b: string) => number;
}

/** Options for {@linkcode closestString}. */
export interface ClosestStringOptions extends SimilarityOptions {}

/** Options for {@linkcode compareSimilarity}. */
export interface CompareSimilarityOptions extends SimilarityOptions {}

/** Options for {@linkcode wordSimilaritySort}. */
export interface WordSimilaritySortOptions extends SimilarityOptions {}

/**
 * Gives the word most like the given one.
 *
 * @throws {TypeError} if there are no words.
 */
export declare function closestString(
  givenWord: string,
  possibleWords: ReadonlyArray<string>,
  options?: ClosestStringOptions,
): string;

/** Gives a function for `sort` that puts the words most like the given one first. */
export declare function compareSimilarity(
  givenWord: string,
  options?: CompareSimilarityOptions,
): (a: string, b: string) => number;

/** Counts the characters to insert, remove or replace to get from one text to the other. */
export declare function levenshteinDistance(str1: string, str2: string): number;

/** Sorts words, the most like the given one first. */
export declare function wordSimilaritySort(
  givenWord: string,
  possibleWords: ReadonlyArray<string>,
  options?: WordSimilaritySortOptions,
): string[];
