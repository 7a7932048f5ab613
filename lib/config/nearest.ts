/**
 * The right name for a misspelt one.
 *
 * @module
 */

import { closestString } from "@std/text/closest-string";
import { levenshteinDistance } from "@std/text/levenshtein-distance";

/**
 * The name that a misspelt one most likely means, or undefined if none is near: the only one that begins like it,
 * else the closest one, else the first that begins like it.
 *
 * @example
 * ```ts
 * import { nearest } from "./nearest.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(nearest("verbsity", ["verbosity", "gateway"]), "verbosity");
 * assertEquals(nearest("xyz", ["verbosity", "gateway"]), undefined);
 * ```
 */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const given = word.toLowerCase();
  if (given === "" || names.length === 0) return undefined;
  const beginning = names.filter((name) => given.length >= 3 && name.toLowerCase().startsWith(given));
  if (beginning.length === 1) return beginning[0];
  const closest = closestString(given, names);
  const distance = levenshteinDistance(given, closest.toLowerCase());
  // Two letters of a short word are half of it, unless they have only changed places.
  const isShort = given.length < 5 && given[0] !== closest[0]?.toLowerCase();
  const tolerance = isShort ? 1 : Math.max(2, Math.floor(given.length / 3));
  const isNear = distance <= tolerance && distance < Math.min(given.length, closest.length);
  return isNear ? closest : beginning[0];
}

/** The end of a message about an unknown name: the nearest right one, or all of them when they are few. */
export function suggest(word: string, names: readonly string[]): string {
  const name = nearest(word, names);
  if (name !== undefined) return `did you mean "${name}"?`;
  return `known are ${names.join(", ")}`;
}
