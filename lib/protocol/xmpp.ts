/**
 * XMPP: the stream header that a client or a server sends first (RFC 6120 section 4.7), with or without an XML
 * declaration.
 *
 * @module
 */

import { ascii, comparePrefix, indexOfByte, latin1 } from "./bytes.ts";
import type { Detector, Facts, Verdict } from "./detector.ts";
import { withinBudget } from "./verdict.ts";

/** Stream headers take some 200 bytes; a name may take up to 3071 by the letter, but hosts do not. */
const MAXIMUM_HEADER = 1024;
const DECLARATION = ascii("<?xml");
const STREAM = ascii("<stream:stream");
const CONTENT_NAMESPACES: readonly Uint8Array[] = [ascii("jabber:client"), ascii("jabber:server")];
const NAMESPACE_ATTRIBUTE = "xmlns";

const OPEN = 0x3c;
const CLOSE = 0x3e;
const QUESTION_MARK = 0x3f;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;

/**
 * Recognises an XMPP stream by its header, once that names `jabber:client` or `jabber:server` as its content.
 *
 * Facts: `xmpp.to`, the domain the stream is for, when the header has arrived up to there.
 */
export const xmppDetector: Detector = {
  name: "xmpp",
  transport: "tcp",
  budget: MAXIMUM_HEADER,
  detect: withinBudget(MAXIMUM_HEADER, detect),
  facts,
  hasToldAll: (bytes) => bytes.length >= MAXIMUM_HEADER || findTo(bytes) !== "incomplete",
};

/** A `name="value"`, as indices. */
interface Attribute {
  readonly nameFrom: number;
  readonly nameTo: number;
  readonly valueFrom: number;
  readonly valueTo: number;
}

function detect(bytes: Uint8Array): Verdict {
  if (bytes.length === 0) return "incomplete";
  if (bytes[0] !== OPEN) return "mismatch";
  const start = streamStart(bytes);
  if (typeof start === "string") return start;
  const stream = comparePrefix(bytes, STREAM, { at: start });
  if (stream !== "match") return stream;
  for (let at = start + STREAM.length;;) {
    const attribute = readAttribute(bytes, at);
    if (typeof attribute === "string") return attribute;
    if (attributeName(bytes, attribute) === NAMESPACE_ATTRIBUTE) return contentVerdict(bytes, attribute);
    at = attribute.valueTo + 1;
  }
}

/** The index where the stream's tag has to start, after an XML declaration if there is one. */
function streamStart(bytes: Uint8Array): number | Verdict {
  if (bytes.length < 2) return "incomplete";
  if (bytes[1] !== QUESTION_MARK) return 0;
  const declaration = comparePrefix(bytes, DECLARATION);
  if (declaration !== "match") return declaration;
  const close = indexOfByte(bytes, CLOSE, { from: DECLARATION.length });
  if (close < 0) return "incomplete";
  if (bytes[close - 1] !== QUESTION_MARK) return "mismatch";
  const start = skipWhitespace(bytes, close + 1);
  return start < bytes.length ? start : "incomplete";
}

/** The next attribute of a tag, `mismatch` when the tag ends or is malformed. */
function readAttribute(bytes: Uint8Array, at: number): Attribute | Verdict {
  const nameFrom = skipWhitespace(bytes, at);
  if (nameFrom >= bytes.length) return "incomplete";
  if (nameFrom === at || bytes[nameFrom] === CLOSE || bytes[nameFrom] === EQUALS) return "mismatch";
  const nameTo = endOfName(bytes, nameFrom);
  if (nameTo >= bytes.length) return "incomplete";
  if (bytes[nameTo] !== EQUALS) return "mismatch";
  if (nameTo + 1 >= bytes.length) return "incomplete";
  const quote = bytes[nameTo + 1];
  if (quote !== QUOTE && quote !== APOSTROPHE) return "mismatch";
  const valueFrom = nameTo + 2;
  const valueTo = endOfValue(bytes, { from: valueFrom, quote });
  if (valueTo >= bytes.length) return "incomplete";
  return bytes[valueTo] === quote ? { nameFrom, nameTo, valueFrom, valueTo } : "mismatch";
}

function endOfName(bytes: Uint8Array, from: number): number {
  let i = from;
  while (i < bytes.length && bytes[i] !== EQUALS && bytes[i] !== CLOSE && bytes[i]! > 0x20) i++;
  return i;
}

/** The index of the closing quote, or of a `<`, which no value may hold. */
function endOfValue(bytes: Uint8Array, { from, quote }: { from: number; quote: number }): number {
  let i = from;
  while (i < bytes.length && bytes[i] !== quote && bytes[i] !== OPEN) i++;
  return i;
}

function skipWhitespace(bytes: Uint8Array, from: number): number {
  let i = from;
  while (i < bytes.length && isWhitespace(bytes[i]!)) i++;
  return i;
}

function isWhitespace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === 0x0a;
}

function attributeName(bytes: Uint8Array, { nameFrom, nameTo }: Attribute): string {
  return latin1(bytes, { from: nameFrom, to: nameTo });
}

function contentVerdict(bytes: Uint8Array, { valueFrom, valueTo }: Attribute): Verdict {
  for (const namespace of CONTENT_NAMESPACES) {
    if (namespace.length !== valueTo - valueFrom) continue;
    if (comparePrefix(bytes, namespace, { at: valueFrom }) === "match") return "match";
  }
  return "mismatch";
}

function facts(bytes: Uint8Array): Facts {
  const to = findTo(bytes.subarray(0, MAXIMUM_HEADER));
  return typeof to === "string" ? {} : { "xmpp.to": latin1(bytes, { from: to.valueFrom, to: to.valueTo }) };
}

/** The attribute that names the domain, `mismatch` if the header has none. */
function findTo(bytes: Uint8Array): Attribute | Verdict {
  const start = streamStart(bytes);
  if (typeof start === "string") return start;
  for (let at = start + STREAM.length;;) {
    const attribute = readAttribute(bytes, at);
    if (typeof attribute === "string" || attributeName(bytes, attribute) === "to") return attribute;
    at = attribute.valueTo + 1;
  }
}
