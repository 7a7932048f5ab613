/**
 * `@std/text`: texts that resemble each other, without the package's case conversions.
 *
 * @module
 */

export * from "./closest_string.ts";
export * from "./levenshtein_distance.ts";
