/**
 * Text of a guest as part of one line of ours.
 *
 * @module
 */

// deno-lint-ignore no-control-regex
const COLOURS = /\u001b\[[0-9;]*m/g;
// deno-lint-ignore no-control-regex
const UNPRINTABLE = /[\s\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/**
 * Makes one line of any text: without colours, and with a space for whatever is not printable.
 *
 * @example
 * ```ts
 * import { oneLine } from "./host_text.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(oneLine("not \u001b[31mthere\u001b[0m\n    at file.ts"), "not there at file.ts");
 * ```
 */
export function oneLine(text: string): string {
  return text.replace(COLOURS, "").replace(UNPRINTABLE, " ").trim();
}
