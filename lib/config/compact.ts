/**
 * The compact grammar: `name:protocol:key=value,key="a value: with, delimiters"`.
 *
 * A spec is a sequence of segments separated by `:`. A segment with a `=` outside quotes is a list of
 * properties separated by `,`, any other is an identifier. `"` quotes anywhere; inside quotes a backslash
 * keeps the character after it from ending them, and `\"` stands for `"`. No other escape exists: every
 * other backslash stays, so that regular expressions read as they are written.
 *
 * @module
 */

import { ConfigError } from "./errors.ts";
import { placeholderLength } from "./placeholders.ts";
import { isSecretKey, MASK, maskSpec } from "./secrets.ts";

/** One part of a compact spec: a word, or a list of properties in the order of the spec. */
export type Segment =
  | { readonly kind: "identifier"; readonly text: string }
  | { readonly kind: "properties"; readonly properties: ReadonlyMap<string, string> };

/** How a spec is parsed. */
export interface CompactOptions {
  /** What messages quote instead of the spec, with its secrets masked. */
  readonly shownAs?: string;
}

/** A piece of a spec and where it starts there. */
interface Piece {
  readonly text: string;
  readonly start: number;
}

/**
 * Takes a compact spec apart. Placeholders like `{{env:NAME}}` stay whole, whatever they contain.
 *
 * @example
 * ```ts
 * import { parseCompact } from "./compact.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseCompact('web:pass:target.ip="::1",target.port=80'), [
 *   { kind: "identifier", text: "web" },
 *   { kind: "identifier", text: "pass" },
 *   { kind: "properties", properties: new Map([["target.ip", "::1"], ["target.port", "80"]]) },
 * ]);
 * ```
 *
 * @throws {ConfigError} If a quote is not closed, a property is empty or has more than one `=`, or a key
 * appears twice; the message names the spec and the position of the fault.
 */
export function parseCompact(spec: string, options: CompactOptions = {}): Segment[] {
  const fail: Fail = (position, problem) => {
    const shown = options.shownAs ?? maskSpec(spec);
    throw new ConfigError(`cannot parse "${shown}" at character ${position + 1}: ${problem}`);
  };
  const pieces = split({ text: spec, start: 0 }, ":", fail);
  return withoutBlankEnd(pieces).map((piece) => {
    if (split(piece, "=", fail).length === 1) return { kind: "identifier", text: clean(piece) };
    return { kind: "properties", properties: parseProperties(piece, fail) };
  });
}

type Fail = (position: number, problem: string) => never;

function parseProperties(list: Piece, fail: Fail): Map<string, string> {
  const properties = new Map<string, string>();
  for (const property of withoutBlankEnd(split(list, ",", fail))) {
    if (isBlank(property)) fail(property.start, 'found an empty property; between two "," stands key=value');
    const parts = withoutBlankEnd(split(property, "=", fail));
    const [key, value, surplus] = parts;
    if (surplus) {
      fail(
        surplus.start - 1,
        'found a second "=" in one property; a value with "=" must be in double quotes',
      );
    }
    const name = clean(key!);
    if (properties.has(name)) fail(key!.start, `found the key "${name}" a second time; a key appears once`);
    properties.set(name, value ? clean(value) : "");
  }
  return properties;
}

/** Splits at every delimiter outside quotes and placeholders. */
function split(piece: Piece, delimiter: string, fail: Fail): Piece[] {
  const { text, start } = piece;
  const pieces: Piece[] = [];
  let from = 0;
  let quote = -1;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === "{") {
      i += Math.max(0, placeholderLength(text, i) - 1);
    } else if (character === "\\" && quote >= 0) {
      i++;
    } else if (character === '"') {
      quote = quote < 0 ? i : -1;
    } else if (character === delimiter && quote < 0) {
      pieces.push({ text: text.slice(from, i), start: start + from });
      from = i + 1;
    }
  }
  if (quote >= 0) {
    fail(start + quote, 'found a double quote that nothing closes; note that \\" does not close quotes');
  }
  pieces.push({ text: text.slice(from), start: start + from });
  return pieces;
}

/** A delimiter at the very end begins nothing. */
function withoutBlankEnd(pieces: Piece[]): Piece[] {
  return isBlank(pieces.at(-1)!) ? pieces.slice(0, -1) : pieces;
}

function isBlank(piece: Piece): boolean {
  return piece.text.trim() === "";
}

function clean(piece: Piece): string {
  const text = piece.text.trim();
  const quoted = text.startsWith('"') && text.endsWith('"');
  return (quoted ? text.slice(1, -1) : text).replaceAll('\\"', '"');
}

/** How a message shows what stands behind the parameters of a spec: it may have been meant as the end of a secret. */
export function describeSurplus(parameters: Segment | undefined, surplus: Segment): string {
  if (surplus.kind === "properties") return "a second list of parameters";
  const isSecret = parameters?.kind === "properties" && [...parameters.properties.keys()].some(isSecretKey);
  return `"${isSecret ? MASK : maskSpec(surplus.text)}"`;
}
