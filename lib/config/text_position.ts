/**
 * Places in a text, as editors number them.
 *
 * @module
 */

/** Line and column, both from 1, of a character. */
export function positionAt(text: string, index: number): { line: number; column: number } {
  const lines = text.slice(0, index).split("\n");
  return { line: lines.length, column: lines.at(-1)!.length + 1 };
}

/** The error of a text at a character: `… at line 3, column 1`. */
export function errorAt(text: string, { index, problem }: { index: number; problem: string }): SyntaxError {
  const { line, column } = positionAt(text, index);
  return new SyntaxError(`${problem} at line ${line}, column ${column}`);
}
