/**
 * RDP: the X.224 Connection Request that a client sends first (MS-RDPBCGR section 2.2.1.1), inside a TPKT header
 * (RFC 1006).
 *
 * @module
 */

import { ascii, comparePrefix, indexOfByte, latin1, u16, u32le } from "./bytes.ts";
import type { Detector, Facts, Verdict } from "./detector.ts";

const TPKT_VERSION = 3;
/** TPKT header and X.224 length byte: what the length byte does not count. */
const BEFORE_X224 = 5;
const CONNECTION_REQUEST = 0xe0;
/** Destination reference, source reference and class, zero in RDP; other users of X.224 set the second. */
const REFERENCES = new Uint8Array(5);
const REFERENCES_OFFSET = 6;
const VARIABLE_OFFSET = REFERENCES_OFFSET + REFERENCES.length;
/** The X.224 length is one byte, of which 255 is reserved. */
const MAXIMUM_LENGTH = BEFORE_X224 + 254;

const COOKIE = ascii("Cookie: mstshash=");
const CR = 0x0d;
const LF = 0x0a;

const NEGOTIATION_REQUEST = 1;
const NEGOTIATION_LENGTH = 8;
const CORRELATION_PRESENT = 0x08;
/** Restricted admin, redirected authentication, correlation info. */
const KNOWN_FLAGS = 0x01 | 0x02 | CORRELATION_PRESENT;
/** TLS, CredSSP, RDSTLS, CredSSP with early authorisation, Azure AD: five bits, none of them for standard RDP. */
const KNOWN_PROTOCOLS = 0x1f;
const CORRELATION_LENGTH = 36;
const NEGOTIATION_AND_CORRELATION = NEGOTIATION_LENGTH + CORRELATION_LENGTH;

/**
 * Recognises an RDP client by its whole Connection Request: cookie or routing token, negotiation request and
 * correlation info are optional, in this order, and nothing else may be in it.
 *
 * Facts: `rdp.user`, the user name of a `Cookie: mstshash=` line, or `rdp.routing`, any other routing token.
 */
export const rdpDetector: Detector = {
  name: "rdp",
  transport: "tcp",
  budget: MAXIMUM_LENGTH,
  detect,
  facts,
};

function detect(bytes: Uint8Array): Verdict {
  const available = bytes.length;
  if (available > 0 && bytes[0] !== TPKT_VERSION) return "mismatch";
  if (available > 1 && bytes[1] !== 0) return "mismatch";
  if (available > 2 && bytes[2]! > MAXIMUM_LENGTH >> 8) return "mismatch";
  if (available < 4) return "incomplete";
  const length = u16(bytes, 2);
  if (length < VARIABLE_OFFSET || length > MAXIMUM_LENGTH) return "mismatch";
  if (available > 4 && bytes[4] !== length - BEFORE_X224) return "mismatch";
  if (available > 5 && bytes[5] !== CONNECTION_REQUEST) return "mismatch";
  if (available <= REFERENCES_OFFSET) return "incomplete";
  const references = comparePrefix(bytes, REFERENCES, { at: REFERENCES_OFFSET });
  return references === "match" ? variableVerdict(bytes, length) : references;
}

function variableVerdict(bytes: Uint8Array, length: number): Verdict {
  if (length === VARIABLE_OFFSET) return "match";
  if (bytes.length === VARIABLE_OFFSET) return "incomplete";
  if (bytes[VARIABLE_OFFSET] === NEGOTIATION_REQUEST) {
    return negotiationVerdict(bytes, { at: VARIABLE_OFFSET, length });
  }
  const tokenEnd = endOfToken(bytes, length);
  if (tokenEnd >= length) return "mismatch";
  if (tokenEnd >= bytes.length) return "incomplete";
  if (bytes[tokenEnd] !== CR || tokenEnd + 1 === length) return "mismatch";
  if (tokenEnd + 1 >= bytes.length) return "incomplete";
  if (bytes[tokenEnd + 1] !== LF) return "mismatch";
  return tokenEnd + 2 === length ? "match" : negotiationVerdict(bytes, { at: tokenEnd + 2, length });
}

/** The index of the first byte that cannot be part of a routing token, or where the bytes or the message end. */
function endOfToken(bytes: Uint8Array, length: number): number {
  const end = Math.min(bytes.length, length);
  let i = VARIABLE_OFFSET;
  while (i < end && bytes[i]! >= 0x20) i++;
  return i;
}

function negotiationVerdict(bytes: Uint8Array, { at, length }: { at: number; length: number }): Verdict {
  const available = bytes.length - at;
  const announced = length - at;
  if (announced !== NEGOTIATION_LENGTH && announced !== NEGOTIATION_AND_CORRELATION) return "mismatch";
  if (available > 0 && bytes[at] !== NEGOTIATION_REQUEST) return "mismatch";
  if (available > 1 && !fitsFlags(bytes[at + 1]!, announced)) return "mismatch";
  if (available > 2 && bytes[at + 2] !== NEGOTIATION_LENGTH) return "mismatch";
  if (available > 3 && bytes[at + 3] !== 0) return "mismatch";
  if (available >= NEGOTIATION_LENGTH && u32le(bytes, at + 4) > KNOWN_PROTOCOLS) return "mismatch";
  return bytes.length < length ? "incomplete" : "match";
}

/** Whether the flags are known, and announce a correlation exactly when there is room for it. */
function fitsFlags(flags: number, announced: number): boolean {
  const hasCorrelation = (flags & CORRELATION_PRESENT) !== 0;
  return (flags & ~KNOWN_FLAGS) === 0 && hasCorrelation === (announced === NEGOTIATION_AND_CORRELATION);
}

function facts(bytes: Uint8Array): Facts {
  const length = u16(bytes, 2);
  if (length === VARIABLE_OFFSET || bytes[VARIABLE_OFFSET] === NEGOTIATION_REQUEST) return {};
  const to = indexOfByte(bytes, CR, { from: VARIABLE_OFFSET, to: length });
  return comparePrefix(bytes, COOKIE, { at: VARIABLE_OFFSET }) === "match"
    ? { "rdp.user": latin1(bytes, { from: VARIABLE_OFFSET + COOKIE.length, to }) }
    : { "rdp.routing": latin1(bytes, { from: VARIABLE_OFFSET, to }) };
}
