/**
 * Whole numbers in configuration values.
 *
 * @module
 */

/**
 * The smallest and the largest number allowed.
 *
 * @example
 * ```ts
 * import type { Range } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const ports: Range = { min: 1, max: 65_535 };
 * const isPort = (value: number) => value >= ports.min && value <= ports.max;
 * assertEquals([isPort(0), isPort(443)], [false, true]);
 * ```
 */
export interface Range {
  /** The smallest. */
  readonly min: number;
  /** The largest. */
  readonly max: number;
}

/** Port numbers of TCP and UDP. */
export const PORT_RANGE: Range = { min: 1, max: 65_535 };

/** The longest time that a timer can be set to, in milliseconds: 24.8 days. */
export const MAX_MILLISECONDS = 2_147_483_647;

/** The number that a text writes in decimal digits, or undefined if it is none or out of range. */
export function parseWholeNumber(text: string, range: Range): number | undefined {
  if (!/^-?\d+$/.test(text)) return undefined;
  const value = Number(text);
  return value >= range.min && value <= range.max ? value : undefined;
}

/** A range in words: `from 1 to 65535`. */
export function describeRange({ min, max }: Range): string {
  return `from ${min} to ${max}`;
}
