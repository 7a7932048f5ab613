/**
 * Where a malformed JSON text goes wrong, which `JSON.parse` does not always say.
 *
 * @module
 */

import { positionAt } from "./text_position.ts";

/** Line and column, both from 1, of the first character that no JSON text could have there. */
export function locateJsonError(text: string): { line: number; column: number } {
  let good = 0;
  let bad = text.length + 1;
  while (bad - good > 1) {
    const middle = good + Math.floor((bad - good) / 2);
    if (couldContinue(text.slice(0, middle))) good = middle;
    else bad = middle;
  }
  return positionAt(text, good);
}

/** Whether some JSON text begins with this: parsing it succeeds, or fails only because it ends. */
function couldContinue(beginning: string): boolean {
  try {
    JSON.parse(beginning);
    return true;
  } catch (error) {
    const { message } = error as Error;
    const position = /at position (\d+)/.exec(message)?.[1];
    return position === undefined ? message.includes("end of JSON") : Number(position) >= beginning.length;
  }
}
