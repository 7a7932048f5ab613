/**
 * WireGuard: the four messages of the protocol (WireGuard whitepaper, section 5.4), each told by its type, three
 * reserved zero bytes and its length.
 *
 * @module
 */

import { u32le } from "./bytes.ts";
import type { Detector, Facts, Verdict } from "./detector.ts";

const INITIATION = 1;
const RESPONSE = 2;
const COOKIE_REPLY = 3;
const TRANSPORT_DATA = 4;

const INITIATION_LENGTH = 148;
const RESPONSE_LENGTH = 92;
const COOKIE_REPLY_LENGTH = 64;
/** Header and authentication tag around an empty packet, the keep-alive. */
const MINIMUM_DATA_LENGTH = 32;
/** Plaintext is padded to this many bytes. */
const PADDING = 16;
const TYPE_LENGTH = 4;

const MESSAGE_NAMES = ["", "initiation", "response", "cookie-reply", "data"] as const;

/**
 * Recognises any WireGuard message: after a restart, the first one seen may well be data.
 *
 * Facts: `wireguard.message`, one of `initiation`, `response`, `cookie-reply`, `data`.
 */
export const wireguardDetector: Detector = {
  name: "wireguard",
  transport: "udp",
  budget: INITIATION_LENGTH,
  detect,
  facts,
};

function detect(bytes: Uint8Array): Verdict {
  if (bytes.length < TYPE_LENGTH) return "mismatch";
  return hasLengthOf(u32le(bytes, 0), bytes.length) ? "match" : "mismatch";
}

function hasLengthOf(type: number, length: number): boolean {
  switch (type) {
    case INITIATION:
      return length === INITIATION_LENGTH;
    case RESPONSE:
      return length === RESPONSE_LENGTH;
    case COOKIE_REPLY:
      return length === COOKIE_REPLY_LENGTH;
    case TRANSPORT_DATA:
      return length >= MINIMUM_DATA_LENGTH && length % PADDING === 0;
    default:
      return false;
  }
}

function facts(bytes: Uint8Array): Facts {
  return { "wireguard.message": MESSAGE_NAMES[u32le(bytes, 0)]! };
}
