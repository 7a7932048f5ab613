/**
 * Bytes as text that people type and read: UTF-8, with `\r`, `\n`, `\t`, `\0`, `\xHH` and `\\` for the rest.
 *
 * @module
 */

const BY_ESCAPE: Readonly<Record<string, string>> = { r: "\r", n: "\n", t: "\t", "0": "\0", "\\": "\\" };
const ESCAPES: ReadonlyMap<string, string> = new Map(
  Object.entries(BY_ESCAPE).map(([letter, character]) => [character, `\\${letter}`]),
);

/**
 * The bytes that a text stands for. A backslash before anything but an escape stands for itself.
 *
 * @example
 * ```ts
 * import { unescapeBytes } from "./escaped_bytes.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(unescapeBytes("\\x16\\x03é\\r\\n"), Uint8Array.of(0x16, 3, 0xc3, 0xa9, 13, 10));
 * ```
 */
export function unescapeBytes(text: string): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const parts = text.split(/(\\x[0-9a-f]{2}|\\[rnt0\\])/i);
  const bytes = parts.flatMap((part, i) => {
    if (i % 2 === 0) return [...encoder.encode(part)];
    const letter = part[1]!.toLowerCase();
    return letter === "x" ? [parseInt(part.slice(2), 16)] : [BY_ESCAPE[letter]!.charCodeAt(0)];
  });
  return Uint8Array.from(bytes);
}

/**
 * A text in visible ASCII that stands for the bytes.
 *
 * @example
 * ```ts
 * import { escapeBytes } from "./escaped_bytes.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(escapeBytes(Uint8Array.of(0x47, 0x16, 0xff, 10)), "G\\x16\\xff\\n");
 * ```
 */
export function escapeBytes(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    const visible = byte >= 0x20 && byte < 0x7f && character !== "\\";
    text += visible ? character : ESCAPES.get(character) ?? `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return text;
}
