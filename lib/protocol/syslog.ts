/**
 * Syslog: the priority that begins every message (RFC 5424 section 6.2.1, RFC 3164 section 4.1.1), over TCP
 * possibly after an octet count (RFC 6587 section 3.4.1).
 *
 * @module
 */

import { indexOfByte, isDigit } from "./bytes.ts";
import type { Detector, Facts, Verdict } from "./detector.ts";
import { wholeDatagram } from "./verdict.ts";

/** Facility 23, severity 7. */
const MAXIMUM_PRIORITY = 191;
const MAXIMUM_PRIORITY_DIGITS = 3;
/** Receivers take messages of up to some hundred thousand bytes at the very most. */
const MAXIMUM_COUNT_DIGITS = 6;
const OPEN = 0x3c;
const CLOSE = 0x3e;
const SPACE = 0x20;
const ZERO = 0x30;

/**
 * Recognises a syslog sender over TCP by its priority, with or without an octet count before it.
 *
 * Facts: `syslog.facility` and `syslog.severity`, as numbers.
 */
export const syslogTcpDetector: Detector = {
  name: "syslog",
  transport: "tcp",
  budget: MAXIMUM_COUNT_DIGITS + 1 + MAXIMUM_PRIORITY_DIGITS + 2,
  detect: detectStream,
  facts,
};

/**
 * Recognises a syslog sender over UDP by the priority of its datagram.
 *
 * Facts: `syslog.facility` and `syslog.severity`, as numbers.
 */
export const syslogUdpDetector: Detector = {
  name: "syslog",
  transport: "udp",
  budget: MAXIMUM_PRIORITY_DIGITS + 2,
  detect: (bytes) => wholeDatagram(priorityVerdict(bytes, 0)),
  facts,
};

function detectStream(bytes: Uint8Array): Verdict {
  if (bytes.length === 0) return "incomplete";
  if (!isDigit(bytes[0]!)) return priorityVerdict(bytes, 0);
  if (bytes[0] === ZERO) return "mismatch";
  const countEnd = endOfDigits(bytes, { at: 1, maximum: MAXIMUM_COUNT_DIGITS - 1 });
  if (countEnd >= bytes.length) return "incomplete";
  return bytes[countEnd] === SPACE ? priorityVerdict(bytes, countEnd + 1) : "mismatch";
}

function priorityVerdict(bytes: Uint8Array, at: number): Verdict {
  if (at >= bytes.length) return "incomplete";
  if (bytes[at] !== OPEN) return "mismatch";
  const from = at + 1;
  const to = endOfDigits(bytes, { at: from, maximum: MAXIMUM_PRIORITY_DIGITS });
  const hasLeadingZero = to > from + 1 && bytes[from] === ZERO;
  if (hasLeadingZero || priority(bytes, from) > MAXIMUM_PRIORITY) return "mismatch";
  if (to >= bytes.length) return "incomplete";
  return to > from && bytes[to] === CLOSE ? "match" : "mismatch";
}

function endOfDigits(bytes: Uint8Array, { at, maximum }: { at: number; maximum: number }): number {
  const end = Math.min(bytes.length, at + maximum);
  let i = at;
  while (i < end && isDigit(bytes[i]!)) i++;
  return i;
}

function priority(bytes: Uint8Array, at: number): number {
  const end = endOfDigits(bytes, { at, maximum: MAXIMUM_PRIORITY_DIGITS });
  let value = 0;
  for (let i = at; i < end; i++) value = value * 10 + bytes[i]! - ZERO;
  return value;
}

function facts(bytes: Uint8Array): Facts {
  const value = priority(bytes, indexOfByte(bytes, OPEN) + 1);
  return { "syslog.facility": String(value >> 3), "syslog.severity": String(value & 7) };
}
