/**
 * Keys that a JSON object has twice, of which `JSON.parse` silently drops the first (RFC 8259, section 4).
 *
 * @module
 */

import { errorAt } from "./text_position.ts";

const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g;

/**
 * Makes sure that every key is there once.
 *
 * @param text well-formed JSON
 * @throws {SyntaxError} with the line and column of the second one.
 */
export function rejectDuplicateJsonKeys(text: string): void {
  const open: Set<string>[] = [];
  let last: RegExpExecArray | undefined;
  for (const token of text.matchAll(TOKENS)) {
    if (token[0] === "{" || token[0] === "[") open.push(new Set());
    if (token[0] === "}" || token[0] === "]") open.pop();
    if (token[0] === ":" && last !== undefined) {
      const key: string = JSON.parse(last[0]);
      if (open.at(-1)?.has(key)) {
        throw errorAt(text, { index: last.index, problem: `duplicate key "${key}"` });
      }
      open.at(-1)?.add(key);
    }
    last = token;
  }
}
