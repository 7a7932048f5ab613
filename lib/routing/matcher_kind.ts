/**
 * What the kinds of matchers have in common.
 *
 * @module
 */

import type { Verdict } from "../protocol/detector.ts";
import type { Inspection } from "./inspection.ts";

/** One condition on a value, compiled. */
export type Test = (inspection: Inspection) => Verdict;

/**
 * Compiles one value of a matcher; `argument` is what stood in brackets. Throws {@linkcode SyntaxError} when
 * the value is wrong.
 */
export type MatcherKind = (value: string, argument: string) => Test;
