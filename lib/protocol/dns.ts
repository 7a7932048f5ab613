/**
 * DNS queries over UDP and TCP.
 *
 * @see RFC 1035 sections 4.1 (messages) and 4.2.2 (TCP), RFC 6895 (header bits), RFC 9619 (one question)
 * @module
 */

import { isVisible, u16 } from "./bytes.ts";
import type { Detector, Facts, Verdict } from "./detector.ts";

const HEADER = 12;
/** A header, the root's name, type and class. */
const MIN_QUERY = HEADER + 5;
/** A query is one name and perhaps options; this also tells its TCP length from the first byte of SOCKS. */
const MAX_TCP_QUERY = 1023;
const LENGTH_PREFIX = 2;

/** The bits of a query's header that are given, by byte, and their values. */
const GIVEN_BITS = [0, 0, 0xf8, 0x4f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0xfc];
const GIVEN_VALUES = [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];

const MAX_LABEL = 63;
const MAX_NAME = 255;
/** The least that a record of another section takes. */
const MIN_RECORD = 11;

/** IN, CH, HS, NONE and ANY. */
const CLASSES: ReadonlySet<number> = new Set([1, 3, 4, 254, 255]);

// deno-fmt-ignore
const TYPES: ReadonlyMap<number, string> = new Map([
  [1, "A"], [2, "NS"], [5, "CNAME"], [6, "SOA"], [12, "PTR"], [13, "HINFO"], [15, "MX"], [16, "TXT"], [28, "AAAA"],
  [33, "SRV"], [35, "NAPTR"], [39, "DNAME"], [43, "DS"], [46, "RRSIG"], [47, "NSEC"], [48, "DNSKEY"], [50, "NSEC3"],
  [52, "TLSA"], [64, "SVCB"], [65, "HTTPS"], [251, "IXFR"], [252, "AXFR"], [255, "ANY"], [257, "CAA"],
]);

/** Where a query is, or will be, within some bytes. */
interface Query {
  readonly start: number;
  readonly end: number;
}

/** Recognises a datagram that is one DNS query. */
export const dnsUdpDetector: Detector = {
  name: "dns",
  transport: "udp",
  budget: 65_535,
  detect(datagram: Uint8Array): Verdict {
    return judgeQuery(datagram, { start: 0, end: datagram.length });
  },
  facts(datagram: Uint8Array): Facts {
    return queryFacts(datagram, 0);
  },
};

/** Recognises DNS over TCP by the question of the first query; more of them may follow. */
export const dnsTcpDetector: Detector = {
  name: "dns",
  transport: "tcp",
  budget: LENGTH_PREFIX + MAX_TCP_QUERY,
  detect(bytes: Uint8Array): Verdict {
    if (bytes.length === 0) return "incomplete";
    if (bytes[0]! > MAX_TCP_QUERY >> 8) return "mismatch";
    if (bytes.length < LENGTH_PREFIX) return "incomplete";
    return judgeQuery(bytes, { start: LENGTH_PREFIX, end: LENGTH_PREFIX + u16(bytes, 0) });
  },
  facts(bytes: Uint8Array): Facts {
    return queryFacts(bytes, LENGTH_PREFIX);
  },
};

function judgeQuery(bytes: Uint8Array, { start, end }: Query): Verdict {
  if (end - start < MIN_QUERY) return "mismatch";
  const available = Math.min(bytes.length - start, HEADER);
  for (let i = 0; i < available; i++) {
    if ((bytes[start + i]! & GIVEN_BITS[i]!) !== GIVEN_VALUES[i]) return "mismatch";
  }
  if (available < HEADER) return "incomplete";
  return judgeQuestion(bytes, { start, end });
}

function judgeQuestion(bytes: Uint8Array, { start, end }: Query): Verdict {
  const more = bytes[start + 9]! + bytes[start + 11]!;
  let at = start + HEADER;
  while (at < bytes.length && bytes[at] !== 0) {
    const label = bytes[at]!;
    at += 1 + label;
    if (label > MAX_LABEL || at - start - HEADER >= MAX_NAME) return "mismatch";
  }
  const after = at + 5;
  const whole = more === 0 && at < bytes.length;
  if (whole ? after !== end : after + MIN_RECORD * more > end) return "mismatch";
  if (bytes.length < after) return "incomplete";
  const valid = u16(bytes, at + 1) !== 0 && CLASSES.has(u16(bytes, at + 3));
  return valid ? "match" : "mismatch";
}

/** `dns.name` in lower case and without trailing dot, the root being `.`; `dns.type` by name or as `TYPE123`. */
function queryFacts(bytes: Uint8Array, start: number): Facts {
  const labels: string[] = [];
  let at = start + HEADER;
  while (bytes[at]! > 0) {
    labels.push(readLabel(bytes.subarray(at + 1, at + 1 + bytes[at]!)));
    at += 1 + bytes[at]!;
  }
  const type = u16(bytes, at + 1);
  return { "dns.name": labels.join(".") || ".", "dns.type": TYPES.get(type) ?? `TYPE${type}` };
}

/** A label as text, its unusual bytes escaped as in a zone file (RFC 1035 section 5.1). */
function readLabel(label: Uint8Array): string {
  return Array.from(label, (byte) => {
    const character = String.fromCharCode(byte).toLowerCase();
    if (!isVisible(byte)) return `\\${String(byte).padStart(3, "0")}`;
    return character === "." || character === "\\" ? `\\${character}` : character;
  }).join("");
}
