/**
 * TLS over TCP: the detector, and the ClientHello reassembled from its records.
 *
 * @see RFC 8446 section 5.1 (records), RFC 5246 appendix E.2 (hello in SSL 2.0 framing)
 * @module
 */

import { u16 } from "./bytes.ts";
import {
  CLIENT_HELLO_BUDGET,
  CLIENT_HELLO_TYPE,
  clientHelloFacts,
  NO_CLIENT_HELLO,
  parseClientHello,
  type ParsedClientHello,
  PARTIAL_CLIENT_HELLO,
} from "./client_hello.ts";
import type { Detector, Facts, Verdict } from "./detector.ts";

const HANDSHAKE_RECORD = 0x16;
const RECORD_HEADER = 5;
const MAX_FRAGMENT = 16_384;

/** In SSL 2.0 framing: length, type, version, and the lengths of three vectors. */
const SSL2_HEADER = 11;
const SSL2_LENGTH_PREFIX = 2;

/** Recognises TLS by the record header and the handshake type, long before all of the ClientHello is there. */
export const tlsDetector: Detector = {
  name: "tls",
  transport: "tcp",
  budget: SSL2_HEADER,
  detect(bytes: Uint8Array): Verdict {
    if (isSsl2Framed(bytes)) return judgeSsl2Header(bytes);
    const header = judgeRecordHeader(bytes, 0);
    if (header !== "match") return header;
    if (bytes.length === RECORD_HEADER) return "incomplete";
    return bytes[RECORD_HEADER] === CLIENT_HELLO_TYPE ? "match" : "mismatch";
  },
  facts(bytes: Uint8Array): Facts {
    const { hello } = parseTlsClientHello(bytes);
    return hello === undefined ? {} : clientHelloFacts(hello);
  },
};

/**
 * Parses the ClientHello at the start of a TLS connection, however many records it spans. With
 * {@linkcode CLIENT_HELLO_BUDGET} bytes the verdict is final.
 *
 * @example
 * ```ts
 * import { parseTlsClientHello } from "./tls.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseTlsClientHello(new Uint8Array([0x16, 3, 1, 2, 0, 1])).verdict, "incomplete");
 * assertEquals(parseTlsClientHello(new TextEncoder().encode("GET / ")).verdict, "mismatch");
 * ```
 */
export function parseTlsClientHello(bytes: Uint8Array): ParsedClientHello {
  const within = bytes.subarray(0, CLIENT_HELLO_BUDGET);
  const parsed = isSsl2Framed(within) ? parseSsl2Hello(within) : parseRecords(within);
  const exhausted = parsed.verdict === "incomplete" && within.length === CLIENT_HELLO_BUDGET;
  return exhausted ? NO_CLIENT_HELLO : parsed;
}

function parseRecords(bytes: Uint8Array): ParsedClientHello {
  const header = judgeRecordHeader(bytes, 0);
  if (header !== "match") return header === "mismatch" ? NO_CLIENT_HELLO : PARTIAL_CLIENT_HELLO;
  const end = RECORD_HEADER + u16(bytes, 3);
  const parsed = parseClientHello(bytes.subarray(RECORD_HEADER, end));
  if (parsed.verdict !== "incomplete" || bytes.length <= end) return parsed;
  return parseFragments(bytes);
}

/** Joins the fragments of all records that are there; a record of another type in between ends the hello. */
function parseFragments(bytes: Uint8Array): ParsedClientHello {
  const handshake = new Uint8Array(bytes.length);
  let length = 0;
  let at = 0;
  let header: Verdict = "match";
  while (at < bytes.length) {
    header = judgeRecordHeader(bytes, at);
    if (header !== "match") break;
    const end = at + RECORD_HEADER + u16(bytes, at + 3);
    const fragment = bytes.subarray(at + RECORD_HEADER, end);
    handshake.set(fragment, length);
    length += fragment.length;
    at = end;
  }
  const parsed = parseClientHello(handshake.subarray(0, length));
  return parsed.verdict === "incomplete" && header === "mismatch" ? NO_CLIENT_HELLO : parsed;
}

/** `match` when a handshake record of TLS starts at `at`. Its version says little (RFC 8446 section 5.1). */
function judgeRecordHeader(bytes: Uint8Array, at: number): Verdict {
  const available = bytes.length - at;
  if (available > 0 && bytes[at] !== HANDSHAKE_RECORD) return "mismatch";
  if (available > 1 && bytes[at + 1] !== 3) return "mismatch";
  if (available > 2 && bytes[at + 2]! > 4) return "mismatch";
  if (available > 3 && bytes[at + 3]! > MAX_FRAGMENT >> 8) return "mismatch";
  if (available < RECORD_HEADER) return "incomplete";
  const length = u16(bytes, at + 3);
  return length > 0 && length <= MAX_FRAGMENT ? "match" : "mismatch";
}

function isSsl2Framed(bytes: Uint8Array): boolean {
  return bytes.length > 0 && bytes[0] === 0x80;
}

/** A client that offers SSL 3.0 or later in SSL 2.0 framing: cipher specs of three bytes, and a challenge. */
function judgeSsl2Header(bytes: Uint8Array): Verdict {
  if (bytes.length > 2 && bytes[2] !== CLIENT_HELLO_TYPE) return "mismatch";
  if (bytes.length > 3 && bytes[3] !== 3) return "mismatch";
  if (bytes.length > 4 && bytes[4]! > 3) return "mismatch";
  if (bytes.length < SSL2_HEADER) return "incomplete";
  const cipherSpecs = u16(bytes, 5);
  const sessionId = u16(bytes, 7);
  const challenge = u16(bytes, 9);
  const length = SSL2_HEADER - SSL2_LENGTH_PREFIX + cipherSpecs + sessionId + challenge;
  const wellFormed = cipherSpecs > 0 && cipherSpecs % 3 === 0 && (sessionId === 0 || sessionId === 16) &&
    challenge >= 16 && challenge <= 32 && length === bytes[1];
  return wellFormed ? "match" : "mismatch";
}

function parseSsl2Hello(bytes: Uint8Array): ParsedClientHello {
  const header = judgeSsl2Header(bytes);
  if (header === "mismatch") return NO_CLIENT_HELLO;
  if (header === "incomplete" || bytes.length < SSL2_LENGTH_PREFIX + bytes[1]!) return PARTIAL_CLIENT_HELLO;
  return { verdict: "match", hello: { alpn: [], versions: [u16(bytes, 3)], ech: false } };
}
