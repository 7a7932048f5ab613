/**
 * The request line that SIP and RTSP took over from HTTP: method, target, version, line end (RFC 3261 section
 * 7.1, RFC 2326 section 6.1). The target is a URI with a scheme, or `*`.
 *
 * @module
 */

import { comparePrefix, isLetter, isTokenCharacter, isVisible, latin1 } from "./bytes.ts";
import type { Verdict } from "./detector.ts";

/** How many bytes a request line may take, in these protocols whose URIs are short: the budget of their detectors. */
export const MAXIMUM_REQUEST_LINE = 4096;

/** No method is longer; the bound lets other text protocols be told early. */
const MAXIMUM_METHOD = 32;
const SPACE = 0x20;
const ASTERISK = 0x2a;
const CR = 0x0d;
const LF = 0x0a;

/** Which request lines to look for. */
export interface RequestLineShape {
  /** Where the line starts. */
  readonly at: number;
  /** The versions that may end it. */
  readonly versions: readonly Uint8Array[];
}

/** The words of a request line. */
export interface RequestLine {
  /** The method, as sent. */
  readonly method: string;
  /** The target, as sent. */
  readonly target: string;
}

/** Judges a request line: `match` at its line feed, `mismatch` at the first byte that cannot belong to it. */
export function requestLineVerdict(bytes: Uint8Array, { at, versions }: RequestLineShape): Verdict {
  const methodEnd = endOfMethod(bytes, at);
  if (methodEnd >= bytes.length) return "incomplete";
  if (methodEnd === at || bytes[methodEnd] !== SPACE) return "mismatch";

  const target = methodEnd + 1;
  if (target >= bytes.length) return "incomplete";
  if (!isLetter(bytes[target]!) && bytes[target] !== ASTERISK) return "mismatch";
  const targetEnd = endOfTarget(bytes, target);
  if (targetEnd >= bytes.length) return "incomplete";
  if (bytes[targetEnd] !== SPACE) return "mismatch";

  return versionVerdict(bytes, { at: targetEnd + 1, versions });
}

/** The words of a request line that {@linkcode requestLineVerdict} called a match. */
export function readRequestLine(bytes: Uint8Array, at: number): RequestLine {
  const methodEnd = endOfMethod(bytes, at);
  const targetEnd = endOfTarget(bytes, methodEnd + 1);
  return {
    method: latin1(bytes, { from: at, to: methodEnd }),
    target: latin1(bytes, { from: methodEnd + 1, to: targetEnd }),
  };
}

function endOfMethod(bytes: Uint8Array, at: number): number {
  const end = Math.min(bytes.length, at + MAXIMUM_METHOD);
  let i = at;
  while (i < end && isTokenCharacter(bytes[i]!)) i++;
  return i;
}

function endOfTarget(bytes: Uint8Array, at: number): number {
  let i = at;
  while (i < bytes.length && isVisible(bytes[i]!)) i++;
  return i;
}

function versionVerdict(bytes: Uint8Array, { at, versions }: RequestLineShape): Verdict {
  let verdict: Verdict = "mismatch";
  for (const version of versions) {
    const compared = comparePrefix(bytes, version, { at });
    if (compared === "match") return lineEndVerdict(bytes, at + version.length);
    if (compared === "incomplete") verdict = "incomplete";
  }
  return verdict;
}

function lineEndVerdict(bytes: Uint8Array, at: number): Verdict {
  if (at >= bytes.length) return "incomplete";
  if (bytes[at] === LF) return "match";
  if (bytes[at] !== CR) return "mismatch";
  if (at + 1 >= bytes.length) return "incomplete";
  return bytes[at + 1] === LF ? "match" : "mismatch";
}
