/**
 * What a log line or an error says of something that was thrown.
 *
 * @module
 */

// deno-lint-ignore no-control-regex
const COLOURS = /\u001b\[[0-9;]*m/g;

/**
 * The message of an error, or the text of whatever else was thrown: it need not even have one. Deno's messages about
 * modules have several lines, and colours.
 */
export function messageOf(thrown: unknown): string {
  try {
    const text = String(thrown instanceof Error ? thrown.message : thrown);
    return text.replace(COLOURS, "").replace(/\n\s*/g, " ");
  } catch {
    return "something that cannot be shown was thrown";
  }
}
