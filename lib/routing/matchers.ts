/**
 * The conditions that every backend may put on a connection or session, compiled once from its parameters.
 *
 * A parameter named like a matcher is one; a `!` behind the name negates it. Several values stand between
 * semicolons: any of them may fit, or, negated, none of them may. All matchers of a backend must hold.
 *
 * @module
 */

import type { Verdict } from "../protocol/detector.ts";
import { connectionMatchers } from "./connection_matchers.ts";
import type { Inspection } from "./inspection.ts";
import type { MatcherKind, Test } from "./matcher_kind.ts";
import { messageOf } from "./message_of.ts";
import { payloadMatchers } from "./payload_matchers.ts";

/** One matcher of a backend. */
export interface Matcher {
  /** The parameter as written, e.g. `remote-ip!`. */
  readonly key: string;
  /** The values as written. */
  readonly value: string;
  /** What the matcher says to the bytes so far; final once the inspection has ended. */
  evaluate(inspection: Inspection): Verdict;
}

/** All matchers, by name in lower case; a name that takes an argument ends in `[]`. */
const kinds: ReadonlyMap<string, MatcherKind> = new Map([...connectionMatchers, ...payloadMatchers]);

/** The names of all matchers, as users write them. */
export const matcherNames: readonly string[] = [...kinds.keys()].map((name) => name.replace("[]", "[…]"));

/** Whether a parameter is a matcher. */
export function isMatcher(key: string): boolean {
  return kinds.has(parseKey(key).kind);
}

/**
 * Compiles the matchers among a backend's parameters.
 *
 * @throws {SyntaxError} naming the parameter, its value and what is allowed.
 *
 * @example
 * ```ts
 * import { compileMatchers } from "./matchers.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const matchers = compileMatchers({ "remote-ip": "10.0.0.0/8", "remote-ip!": "10.1.0.0/16", priority: "vip" });
 * assertEquals(matchers.map(({ key }) => key), ["remote-ip", "remote-ip!"]);
 * ```
 */
export function compileMatchers(parameters: Readonly<Record<string, string>>): Matcher[] {
  const matchers: Matcher[] = [];
  for (const [key, value] of Object.entries(parameters)) {
    const { kind: name, argument, negated } = parseKey(key);
    const kind = kinds.get(name);
    if (kind === undefined) continue;
    try {
      const tests = splitValues(value).map((item) => kind(item, argument));
      matchers.push({ key, value, evaluate: (inspection) => anyOf(tests, negated, inspection) });
    } catch (error) {
      throw new SyntaxError(`${key}: ${messageOf(error)}`);
    }
  }
  return matchers;
}

/** Whether all matchers hold. Later ones are not asked once one does not. */
export function allMatch(matchers: readonly Matcher[], inspection: Inspection): Verdict {
  let verdict: Verdict = "match";
  for (const matcher of matchers) {
    const own = matcher.evaluate(inspection);
    if (own === "mismatch") return own;
    if (own === "incomplete") verdict = own;
  }
  return verdict;
}

function anyOf(tests: readonly Test[], negated: boolean, inspection: Inspection): Verdict {
  if (tests.length === 0) return "match";
  let verdict: Verdict = "mismatch";
  for (const test of tests) {
    const own = test(inspection);
    if (own === "match") return negated ? "mismatch" : "match";
    if (own === "incomplete" && !inspection.ended) verdict = own;
  }
  return negated && verdict === "mismatch" ? "match" : verdict;
}

/** Splits at semicolons, except where a backslash protects one. */
function splitValues(value: string): string[] {
  const items = value.match(/(?:\\[\s\S]|[^;\\]|\\$)+/g) ?? [];
  return items.map((item) => item.replaceAll("\\;", ";").trim()).filter((item) => item !== "");
}

function parseKey(key: string): { kind: string; argument: string; negated: boolean } {
  const negated = key.endsWith("!");
  const name = negated ? key.slice(0, -1) : key;
  const bracket = name.indexOf("[");
  if (bracket < 0 || !name.endsWith("]")) return { kind: name.toLowerCase(), argument: "", negated };
  return {
    kind: `${name.slice(0, bracket).toLowerCase()}[]`,
    argument: name.slice(bracket + 1, -1),
    negated,
  };
}
