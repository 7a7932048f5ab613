/**
 * STUN and TURN: the STUN header with its magic cookie (RFC 8489 section 5) and, over UDP, TURN ChannelData
 * (RFC 8656 section 12.4), which a client that outlived its session may send first.
 *
 * Classic STUN without the cookie (RFC 3489) is not recognised: nothing in it is distinctive.
 *
 * @module
 */

import { comparePrefix, u16 } from "./bytes.ts";
import type { Detector, Verdict } from "./detector.ts";

const MAGIC_COOKIE = Uint8Array.of(0x21, 0x12, 0xa4, 0x42);
const COOKIE_OFFSET = 4;
const HEADER_LENGTH = 20;
/** The two bits that tell STUN from everything multiplexed with it (RFC 7983). */
const STUN_ZERO_BITS = 0xc0;
/** Attributes are padded to 32 bits, so the length ends in two zero bits. */
const LENGTH_ZERO_BITS = 0x03;

/** The class bit in the second byte of the type; with a first byte of zero, clear in requests alone. */
const NOT_REQUEST_BIT = 0x10;

const CHANNEL_NUMBER_BITS = 0xf0;
const CHANNEL_NUMBER = 0x40;
const CHANNEL_HEADER_LENGTH = 4;
const MAXIMUM_PADDING = 3;

/**
 * Recognises a STUN or TURN client over TCP by the first eight bytes of a request's header: over a connection of
 * its own, a client has nothing else to begin with.
 */
export const stunTcpDetector: Detector = {
  name: "stun",
  transport: "tcp",
  budget: COOKIE_OFFSET + MAGIC_COOKIE.length,
  detect: detectRequest,
};

/** Recognises a STUN message, or TURN ChannelData, that fills its datagram. */
export const stunUdpDetector: Detector = {
  name: "stun",
  transport: "udp",
  budget: HEADER_LENGTH,
  detect: detectDatagram,
};

function detectRequest(bytes: Uint8Array): Verdict {
  const available = bytes.length;
  if (available > 0 && bytes[0] !== 0) return "mismatch";
  if (available > 1 && (bytes[1]! & NOT_REQUEST_BIT) !== 0) return "mismatch";
  if (available > 3 && (bytes[3]! & LENGTH_ZERO_BITS) !== 0) return "mismatch";
  if (available <= COOKIE_OFFSET) return "incomplete";
  return comparePrefix(bytes, MAGIC_COOKIE, { at: COOKIE_OFFSET });
}

function detectDatagram(bytes: Uint8Array): Verdict {
  return isMessage(bytes) || isChannelData(bytes) ? "match" : "mismatch";
}

function isMessage(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_LENGTH || (bytes[0]! & STUN_ZERO_BITS) !== 0) return false;
  const length = u16(bytes, 2);
  if (bytes.length !== HEADER_LENGTH + length || (length & LENGTH_ZERO_BITS) !== 0) return false;
  return comparePrefix(bytes, MAGIC_COOKIE, { at: COOKIE_OFFSET }) === "match";
}

function isChannelData(bytes: Uint8Array): boolean {
  if (bytes.length <= CHANNEL_HEADER_LENGTH) return false;
  if ((bytes[0]! & CHANNEL_NUMBER_BITS) !== CHANNEL_NUMBER) return false;
  const padding = bytes.length - CHANNEL_HEADER_LENGTH - u16(bytes, 2);
  return padding >= 0 && padding <= MAXIMUM_PADDING;
}
