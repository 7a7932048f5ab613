/**
 * tinc: the ID request, the first line of a meta connection: `0`, the node's name and protocol version 17 with
 * an optional minor version (tinc manual, "The meta-protocol").
 *
 * @module
 */

import { ascii, comparePrefix, isDigit, isLetter, latin1 } from "./bytes.ts";
import type { Detector, Facts, Verdict } from "./detector.ts";

const ID_REQUEST = ascii("0 ");
const VERSION = ascii(" 17");
/** Names are host names in practice; tinc itself only bounds the line. */
const MAXIMUM_NAME = 255;
const UNDERSCORE = 0x5f;
const LF = 0x0a;
const DOT = 0x2e;

/**
 * Recognises a tinc node of protocol version 17 by its ID request.
 *
 * Facts: `tinc.name`.
 */
export const tincDetector: Detector = {
  name: "tinc",
  transport: "tcp",
  budget: ID_REQUEST.length + MAXIMUM_NAME + VERSION.length + 1,
  detect,
  facts,
};

function detect(bytes: Uint8Array): Verdict {
  const request = comparePrefix(bytes, ID_REQUEST);
  if (request !== "match") return request;
  const nameEnd = endOfName(bytes);
  if (nameEnd >= bytes.length) return "incomplete";
  if (nameEnd === ID_REQUEST.length) return "mismatch";
  const version = comparePrefix(bytes, VERSION, { at: nameEnd });
  if (version !== "match") return version;
  const versionEnd = nameEnd + VERSION.length;
  if (versionEnd >= bytes.length) return "incomplete";
  return bytes[versionEnd] === LF || bytes[versionEnd] === DOT ? "match" : "mismatch";
}

/** The index after the name; a name that is too long ends where it may end at the latest. */
function endOfName(bytes: Uint8Array): number {
  const end = Math.min(bytes.length, ID_REQUEST.length + MAXIMUM_NAME);
  let i = ID_REQUEST.length;
  while (i < end && (isLetter(bytes[i]!) || isDigit(bytes[i]!) || bytes[i] === UNDERSCORE)) i++;
  return i;
}

function facts(bytes: Uint8Array): Facts {
  return { "tinc.name": latin1(bytes, { from: ID_REQUEST.length, to: endOfName(bytes) }) };
}
