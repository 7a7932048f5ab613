/**
 * What a log line or an error says of something that was thrown.
 *
 * @module
 */

/** The message of an error, or the text of whatever else was thrown: it need not even have one. */
export function messageOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return "something that cannot be shown was thrown";
  }
}
