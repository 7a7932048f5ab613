/**
 * What a module throws, as text.
 *
 * @module
 */

import { messageOf } from "../routing/message_of.ts";
import { MAX_TEXT } from "./wire_values.ts";

/** Says what was thrown, as much of it as may be sent. */
export function describeThrown(thrown: unknown): string {
  return messageOf(thrown).slice(0, MAX_TEXT);
}
