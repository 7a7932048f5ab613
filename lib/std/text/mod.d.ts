/**
 * The public types of the part of `@std/text` 1.x that compares words.
 *
 * @module
 */

/** Options for {@linkcode closestString}. */
export interface ClosestStringOptions {
  /** True tells upper case from lower case. */
  caseSensitive?: boolean;
  /** The distance of two words; {@linkcode levenshteinDistance} unless given. */
  compareFn?: (a: string, b: string) => number;
}

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

/** Counts the characters to insert, remove or replace to get from one text to the other. */
export declare function levenshteinDistance(str1: string, str2: string): number;
