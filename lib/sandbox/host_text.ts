/**
 * Text of a guest as part of one line of ours.
 *
 * @module
 */

import { messageOf } from "../routing/message_of.ts";

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
  return messageOf(text).replace(UNPRINTABLE, " ").trim();
}

/**
 * What a guest was refused, with what grants it: Deno speaks of its own flags, which are not for who writes a
 * configuration.
 *
 * @example
 * ```ts
 * import { inTermsOfSpec } from "./host_text.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const denied = 'Requires read access to "/etc/passwd", run again with the --allow-read flag';
 * assertEquals(inTermsOfSpec(denied), 'Requires read access to "/etc/passwd", which read= of its backend grants');
 * ```
 */
export function inTermsOfSpec(message: string): string {
  return message.replace(/, run again with the --allow-(\w+) flag/, ", which $1= of its backend grants");
}
