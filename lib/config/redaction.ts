/**
 * Keeping texts out of messages: what environment variables hold, and values that are secret by their name.
 *
 * @module
 */

/** From here on, a text is unlikely to stand in a message for any other reason. */
const DISTINCTIVE = 6;

/**
 * Texts that no message may show, and what is shown instead.
 *
 * @example
 * ```ts
 * import { Redaction } from "./redaction.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const redaction = new Redaction();
 * redaction.hide("hunter2", "{{env:PASSWORD}}");
 * assertEquals(redaction.apply('"x:hunter2" is no port'), '"x:{{env:PASSWORD}}" is no port');
 * ```
 */
export class Redaction {
  readonly #shownAs = new Map<string, string>();

  /** Has a text replaced in messages: a short one only where punctuation encloses it, any other anywhere. */
  hide(text: string, shownAs: string): void {
    if (text !== "" && text !== shownAs) this.#shownAs.set(text, shownAs);
  }

  /** The message without the texts; of those that overlap, the longest is replaced. */
  apply(message: string): string {
    if (this.#shownAs.size === 0) return message;
    const texts = [...this.#shownAs.keys()].toSorted((one, other) => other.length - one.length);
    return message.replace(
      new RegExp(texts.map(patternOf).join("|"), "g"),
      (text) => this.#shownAs.get(text)!,
    );
  }
}

function patternOf(text: string): string {
  const literal = RegExp.escape(text);
  return text.length < DISTINCTIVE ? `(?<=[^\\w\\s])${literal}(?=[^\\w\\s])` : literal;
}
