/**
 * What a module throws, as text.
 *
 * @module
 */

import { MAX_TEXT } from "./wire_values.ts";

/** Says what was thrown, whatever it is: it need not be an error, nor even convertible to text. */
export function describeThrown(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown).slice(0, MAX_TEXT);
  } catch {
    return "something that cannot be shown was thrown";
  }
}
