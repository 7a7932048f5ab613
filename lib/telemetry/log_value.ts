/**
 * Makes whatever a message is about fit for a log line: bounded, without secrets, and unable to forge lines
 * or to steer a terminal.
 *
 * @module
 */

import { isSecretKey, MASK, maskUrls } from "../config/secrets.ts";

/** Characters of a text that are kept. What clients send ends up in logs, so it has to be bounded. */
const MAX_TEXT = 1024;

/** Elements of a list or an object that are kept. */
const MAX_ELEMENTS = 64;

const MAX_DEPTH = 4;

/** Control, format, private and unassigned characters, lone surrogates, line and paragraph separators. */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** Nearly every text; far faster to recognise than that nothing in it is invisible. */
const PRINTABLE_ASCII = /^[ -~]*$/;

const SHORT_ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** A value that JSON can express. */
export type LogValue = string | number | boolean | null | LogValue[] | { [name: string]: LogValue };

/**
 * A field's value as it may be logged.
 *
 * @example
 * ```ts
 * import { logValue } from "./log_value.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(logValue("password", "hunter2"), "***");
 * assertEquals(logValue("error", new TypeError("no host")), "TypeError: no host");
 * assertEquals(logValue("preview", new Uint8Array(16)), "16 bytes");
 * ```
 */
export function logValue(name: string, value: unknown): LogValue {
  return convert(name, value, 0);
}

/** A text with everything escaped that does not print, in a form that JSON strings allow too. */
export function escapeInvisible(text: string): string {
  if (PRINTABLE_ASCII.test(text)) return text;
  return text.replace(INVISIBLE, (character) => SHORT_ESCAPES[character] ?? unicodeEscapes(character));
}

/** A text cut to a bounded length, with what is secret in URLs and paths masked. */
export function boundedText(text: string): string {
  const cut = text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}… (${text.length} characters)`;
  return /:\/\/|\?/.test(cut) ? maskUrls(cut) : cut;
}

function convert(name: string, value: unknown, depth: number): LogValue {
  if (isSecretKey(name)) return MASK;
  switch (typeof value) {
    case "string":
      return boundedText(value);
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "boolean":
      return value;
    case "object":
      return value === null ? null : convertObject(name, value, depth);
    default:
      return boundedText(String(value));
  }
}

function convertObject(name: string, value: object, depth: number): LogValue {
  if (value instanceof Error) return boundedText(describeError(value));
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
  if (depth === MAX_DEPTH) return "…";
  if (Array.isArray(value)) {
    return value.slice(0, MAX_ELEMENTS).map((element) => convert(name, element, depth + 1));
  }
  const entries = Object.entries(value).slice(0, MAX_ELEMENTS);
  return Object.fromEntries(entries.map(([key, member]) => [key, convert(key, member, depth + 1)]));
}

function describeError(error: Error): string {
  const own = error.name === "Error" ? error.message : `${error.name}: ${error.message}`;
  return error.cause instanceof Error
    ? `${own} (caused by ${error.cause.name}: ${error.cause.message})`
    : own;
}

function unicodeEscapes(character: string): string {
  let escapes = "";
  for (let index = 0; index < character.length; index++) {
    escapes += `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`;
  }
  return escapes;
}
