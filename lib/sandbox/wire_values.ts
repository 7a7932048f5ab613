/**
 * Reads the heads of frames: every value is checked and copied into an object that has no prototype, so
 * that nothing the other side names can mean more than a name.
 *
 * @module
 */

import { WireError } from "./wire.ts";

/** A JSON object whose values are not checked yet. */
export type WireRecord = Readonly<Record<string, unknown>>;

/** Names that mean something to JavaScript itself. They are left out wherever names are free. */
const SPECIAL_NAMES: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** Text that the other side chooses is cut to this many characters unless something else is said. */
export const MAX_TEXT = 4096;

/** How many names a record of free names may have; more are left out. */
const MAX_NAMES = 256;

/**
 * The head as an object.
 *
 * @throws {WireError} if it is none.
 */
export function readRecord(head: unknown): WireRecord {
  if (typeof head === "object" && head !== null && !Array.isArray(head)) return head as WireRecord;
  throw new WireError("Expected an object in the head of a frame");
}

/**
 * The text of a name, cut to `limit` characters; undefined if there is none.
 *
 * @throws {WireError} if there is something else.
 */
export function readText(record: WireRecord, name: string, limit: number = MAX_TEXT): string | undefined {
  const value = own(record, name);
  if (value === undefined) return undefined;
  if (typeof value === "string") return value.slice(0, limit);
  throw new WireError(`Expected a text as "${name}"`);
}

/**
 * The whole number of a name, from 0 up to `limit`.
 *
 * @throws {WireError} if there is none or something else.
 */
export function readWhole(record: WireRecord, name: string, limit: number): number {
  const value = own(record, name);
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= limit) return value;
  throw new WireError(`Expected a whole number from 0 to ${limit} as "${name}"`);
}

/** Whether a name stands for `true`. */
export function readFlag(record: WireRecord, name: string): boolean {
  return own(record, name) === true;
}

/**
 * One of some words.
 *
 * @throws {WireError} if it is none of them.
 */
export function readWord<T extends string>(record: WireRecord, name: string, words: readonly T[]): T {
  const value = own(record, name);
  const word = words.find((candidate) => candidate === value);
  if (word !== undefined) return word;
  throw new WireError(`Expected one of ${words.join(", ")} as "${name}"`);
}

/** A list of texts; undefined if there is none. What is no text in it is left out. */
export function readTexts(record: WireRecord, name: string): string[] | undefined {
  const value = own(record, name);
  if (!Array.isArray(value)) return undefined;
  return value.slice(0, MAX_NAMES).filter((item) => typeof item === "string")
    .map((item) => item.slice(0, MAX_TEXT));
}

/** The names that stand for a value of a type. Values of other types are left out. */
export function readNames<T>(
  record: WireRecord,
  name: string,
  isValue: (value: unknown) => value is T,
): Readonly<Record<string, T>> {
  const names: Record<string, T> = Object.create(null);
  const value = own(record, name);
  if (typeof value !== "object" || value === null) return names;
  let count = 0;
  for (const [key, item] of Object.entries(value)) {
    if (SPECIAL_NAMES.has(key) || !isValue(item)) continue;
    if (++count > MAX_NAMES) break;
    names[key.slice(0, MAX_TEXT)] = item;
  }
  return names;
}

/** For {@linkcode readNames}. */
export function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** For {@linkcode readNames}. */
export function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** For {@linkcode readNames}. */
export function isScalar(value: unknown): value is string | number | boolean {
  return isText(value) || isNumber(value) || typeof value === "boolean";
}

function own(record: WireRecord, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
