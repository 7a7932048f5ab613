/**
 * The patterns that users write in matchers, compiled once. They run in time linear in their input (RE2), so
 * that no client can make one take long.
 *
 * @module
 */

import { RE2JS } from "re2js";
import { messageOf } from "./message_of.ts";

/** Says whether a whole text fits a pattern. */
export type Pattern = (text: string) => boolean;

const METACHARACTERS = /[\\^$.|?*+()[\]{}]/;

/**
 * Compiles a regular expression that must fit the whole text. Anchors at its ends are allowed and change
 * nothing.
 *
 * @throws {SyntaxError} if it is not a pattern of RE2: quotes the pattern and names the construct.
 *
 * @example
 * ```ts
 * import { compilePattern } from "./pattern.ts";
 * import { assert } from "@std/assert";
 *
 * const pattern = compilePattern("api\\.example\\.(com|org)");
 * assert(pattern("api.example.org"));
 * assert(!pattern("www.api.example.org"));
 * ```
 */
export function compilePattern(source: string, options: { ignoreCase?: boolean } = {}): Pattern {
  const ignoreCase = options.ignoreCase ?? false;
  if (!METACHARACTERS.test(source)) {
    const literal = ignoreCase ? source.toLowerCase() : source;
    return (text) => (ignoreCase ? text.toLowerCase() : text) === literal;
  }
  const compiled = compileRe2(source, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  return (text) => compiled.matches(text);
}

/**
 * Compiles a pattern for a host name, without regard to case. `example.com` is that name, `*.example.com` has
 * one label more in front. A name may have a port behind it. Everything else is a regular expression as in {@linkcode compilePattern}.
 *
 * @throws {SyntaxError} as {@linkcode compilePattern}.
 */
export function compileHostPattern(source: string): Pattern {
  if (/^\*(\.[\w-]+)+$/.test(source)) {
    const suffix = source.slice(1).toLowerCase();
    return (host) => {
      const label = host.length - suffix.length;
      return label > 0 && host.toLowerCase().endsWith(suffix) && !host.slice(0, label).includes(".");
    };
  }
  if (/^[\w-]+(\.[\w-]+)+(:\d+)?$/.test(source)) {
    const name = source.toLowerCase();
    return (host) => host.toLowerCase() === name;
  }
  return compilePattern(source, { ignoreCase: true });
}

/** Compiles with RE2, and says in the project's words what is wrong. */
export function compileRe2(source: string, flags: number): RE2JS {
  try {
    return RE2JS.compile(source, flags);
  } catch (error) {
    const reason = messageOf(error);
    throw new SyntaxError(
      `"${source}" is not a pattern: ${reason} (RE2 syntax: no look-around, no back-references)`,
    );
  }
}
