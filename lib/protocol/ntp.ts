/**
 * NTP: a client's request (RFC 5905 section 7.3), with or without extension fields and a message authentication
 * code (RFC 7822), which is also how Network Time Security travels (RFC 8915).
 *
 * @module
 */

import { u16 } from "./bytes.ts";
import type { Detector, Facts, Verdict } from "./detector.ts";

const HEADER_LENGTH = 48;
const CLIENT_MODE = 3;
/** Stratum 16 is "unsynchronised"; above it everything is reserved. */
const MAXIMUM_STRATUM = 16;
/** The poll interval is two to the power of this signed byte, in seconds. */
const MINIMUM_POLL = -8;
const MAXIMUM_POLL = 17;
const MINIMUM_EXTENSION = 16;
/** Key id and digest: MD5 or AES-CMAC, SHA-1. */
const AUTHENTICATOR_LENGTHS: readonly number[] = [0, 20, 24];

/**
 * Recognises an NTP client of version 3 or 4.
 *
 * Facts: `ntp.version`.
 */
export const ntpDetector: Detector = {
  name: "ntp",
  transport: "udp",
  budget: HEADER_LENGTH,
  detect,
  facts,
};

function detect(bytes: Uint8Array): Verdict {
  if (bytes.length < HEADER_LENGTH || (bytes[0]! & 7) !== CLIENT_MODE) return "mismatch";
  if (version(bytes) !== 3 && version(bytes) !== 4) return "mismatch";
  const poll = (bytes[2]! << 24) >> 24;
  if (bytes[1]! > MAXIMUM_STRATUM || poll < MINIMUM_POLL || poll > MAXIMUM_POLL) return "mismatch";
  return endsProperly(bytes) ? "match" : "mismatch";
}

/** Whether the header is followed by extension fields of sound lengths and an authenticator, or by nothing. */
function endsProperly(bytes: Uint8Array): boolean {
  let at = HEADER_LENGTH;
  while (!AUTHENTICATOR_LENGTHS.includes(bytes.length - at)) {
    if (bytes.length - at < MINIMUM_EXTENSION) return false;
    const length = u16(bytes, at + 2);
    if (length < MINIMUM_EXTENSION || length % 4 !== 0) return false;
    at += length;
  }
  return true;
}

function version(bytes: Uint8Array): number {
  return (bytes[0]! >> 3) & 7;
}

function facts(bytes: Uint8Array): Facts {
  return { "ntp.version": String(version(bytes)) };
}
