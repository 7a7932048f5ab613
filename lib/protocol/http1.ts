/**
 * HTTP/1: the detector, and the head of a request while it arrives.
 *
 * @see RFC 9112 sections 2.2 (empty lines, bare LF), 3 (request line) and 5 (fields)
 * @module
 */

import { ascii, comparePrefix, isDigit, isTokenCharacter, latin1 } from "./bytes.ts";
import type { Detector, Facts, Verdict } from "./detector.ts";
import {
  NO_REQUEST,
  type ParsedRequestHead,
  readAuthority,
  readTarget,
  REQUEST_HEAD_BUDGET,
  requestFacts,
  type RequestHead,
} from "./request_head.ts";

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;
const DELETE = 0x7f;
const LOWER_CASE = 0x20;

/** The longest registered method has 17 characters. */
const MAX_METHOD = 32;
/** Clients of old sent one empty line after a request with a body. */
const MAX_EMPTY_LINES = 4;
const VERSION_PREFIX = ascii("HTTP/1.");
const HOST_FIELD = ascii("host");

/** Instead of an index: the bytes cannot be a request line. */
const INVALID = -1;
/** Instead of an index: the bytes end too early to tell. */
const PENDING = -2;

/** Recognises an HTTP/1 request by its whole request line: other protocols have lines that begin the same. */
export const http1Detector: Detector = {
  name: "http1",
  transport: "tcp",
  budget: REQUEST_HEAD_BUDGET,
  detect(bytes: Uint8Array): Verdict {
    const start = findStart(bytes);
    const method = start < 0 ? start : findMethodEnd(bytes, start);
    const target = method < 0 ? method : findTargetEnd(bytes, method + 1);
    const line = target < 0 ? target : findLineEnd(bytes, target + 1);
    if (line === PENDING) return "incomplete";
    return line === INVALID ? "mismatch" : "match";
  },
  facts(bytes: Uint8Array): Facts {
    return requestFacts(parseRequestHead(bytes).head ?? {});
  },
};

/**
 * Reads the head of an HTTP/1 request as far as it is there: the method is known before the target, and both
 * before the headers. The host is the first Host header's unless the target names one.
 *
 * @example
 * ```ts
 * import { parseRequestHead } from "./http1.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { verdict, head } = parseRequestHead(new TextEncoder().encode("GET /a?b HTTP/1.1\r\nHo"));
 * assertEquals(verdict, "incomplete");
 * assertEquals(head, { method: "GET", target: "/a?b", path: "/a", version: "1.1" });
 * ```
 */
export function parseRequestHead(bytes: Uint8Array): ParsedRequestHead {
  const start = findStart(bytes);
  if (start < 0) return unfinished(start, {});
  const methodEnd = findMethodEnd(bytes, start);
  if (methodEnd < 0) return unfinished(methodEnd, {});
  const method = latin1(bytes, { from: start, to: methodEnd });
  const targetEnd = findTargetEnd(bytes, methodEnd + 1);
  if (targetEnd < 0) return unfinished(targetEnd, { method });

  const target = latin1(bytes, { from: methodEnd + 1, to: targetEnd });
  const request = { method, target, ...readTarget(method, target) };
  const lineEnd = findLineEnd(bytes, targetEnd + 1);
  if (lineEnd < 0) return unfinished(lineEnd, request);

  const versionStart = targetEnd + 1 + "HTTP/".length;
  const version = latin1(bytes, { from: versionStart, to: versionStart + "1.1".length });
  const line = { ...request, version };
  return request.authority === undefined ? readHeaders(bytes, { from: lineEnd, line }) : finished(line);
}

function unfinished(end: number, head: RequestHead): ParsedRequestHead {
  return end === PENDING ? { verdict: "incomplete", head } : NO_REQUEST;
}

function finished(head: RequestHead): ParsedRequestHead {
  return { verdict: "match", head };
}

/** Looks for the Host header. What else is wrong with the headers is for the server to say. */
function readHeaders(
  bytes: Uint8Array,
  { from, line }: { readonly from: number; readonly line: RequestHead },
): ParsedRequestHead {
  let at = from;
  while (true) {
    const lineFeed = bytes.indexOf(LF, at);
    if (lineFeed < 0 || lineFeed >= REQUEST_HEAD_BUDGET) break;
    const end = lineFeed > at && bytes[lineFeed - 1] === CR ? lineFeed - 1 : lineFeed;
    if (end === at) return finished(line);
    if (isHostField(bytes, at)) {
      const value = latin1(bytes, { from: at + HOST_FIELD.length + 1, to: end });
      return finished({ ...line, ...readAuthority(value.trim()) });
    }
    at = lineFeed + 1;
  }
  return bytes.length < REQUEST_HEAD_BUDGET ? { verdict: "incomplete", head: line } : finished(line);
}

function isHostField(bytes: Uint8Array, at: number): boolean {
  const colon = at + HOST_FIELD.length;
  if (bytes[colon] !== COLON) return false;
  return HOST_FIELD.every((letter, i) => (bytes[at + i]! | LOWER_CASE) === letter);
}

/** Index of the request line, after empty lines. */
function findStart(bytes: Uint8Array): number {
  let at = 0;
  for (let line = 0; line <= MAX_EMPTY_LINES; line++) {
    const end = at + (bytes[at] === CR ? 1 : 0);
    if (end >= bytes.length) return PENDING;
    if (bytes[end] !== LF) return end === at ? at : INVALID;
    at = end + 1;
  }
  return INVALID;
}

/** Index of the space after the method. */
function findMethodEnd(bytes: Uint8Array, start: number): number {
  const end = Math.min(bytes.length, start + MAX_METHOD + 1);
  for (let at = start; at < end; at++) {
    if (bytes[at] === SPACE) return at > start ? at : INVALID;
    if (!isTokenCharacter(bytes[at]!)) return INVALID;
  }
  return end === bytes.length && end <= start + MAX_METHOD ? PENDING : INVALID;
}

/** Index of the space after the target. Bytes above ASCII are let through: browsers of old sent them. */
function findTargetEnd(bytes: Uint8Array, start: number): number {
  const end = Math.min(bytes.length, REQUEST_HEAD_BUDGET);
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === SPACE) return at > start ? at : INVALID;
    if (byte < SPACE || byte === DELETE) return INVALID;
  }
  return end < REQUEST_HEAD_BUDGET ? PENDING : INVALID;
}

/** Index after the line feed that ends the request line. */
function findLineEnd(bytes: Uint8Array, start: number): number {
  const within = bytes.length > REQUEST_HEAD_BUDGET ? bytes.subarray(0, REQUEST_HEAD_BUDGET) : bytes;
  const pending = within.length < REQUEST_HEAD_BUDGET ? PENDING : INVALID;
  const prefix = comparePrefix(within, VERSION_PREFIX, { at: start });
  if (prefix !== "match") return prefix === "mismatch" ? INVALID : pending;
  let at = start + VERSION_PREFIX.length;
  if (at >= within.length) return pending;
  if (!isDigit(within[at]!)) return INVALID;
  at++;
  if (within[at] === CR) at++;
  if (at >= within.length) return pending;
  return within[at] === LF ? at + 1 : INVALID;
}
