/**
 * OpenVPN: the hard reset that a client sends first (OpenVPN wire protocol), plain or protected by `tls-auth`,
 * `tls-crypt` or `tls-crypt-v2`. Static-key mode has no handshake and cannot be told from noise.
 *
 * @module
 */

import { u16 } from "./bytes.ts";
import type { Detector, Verdict } from "./detector.ts";
import { both, either, wholeDatagram } from "./verdict.ts";

/** Opcode in the upper five bits, key id 0 in the lower three. */
const HARD_RESET_CLIENT_V2 = 7 << 3;
const HARD_RESET_CLIENT_V3 = 10 << 3;

const SESSION_ID_OFFSET = 1;
const SESSION_ID_END = 9;
/** The id and the time that protect against replays. */
const REPLAY_LENGTH = 8;
/** No acknowledgements, and the reset's own message id 0. */
const RESET_TAIL = 5;
const PLAIN_LENGTH = SESSION_ID_END + RESET_TAIL;
/** Replay id, 256-bit authenticator, and the encrypted tail. */
const TLS_CRYPT_LENGTH = SESSION_ID_END + REPLAY_LENGTH + 32 + RESET_TAIL;
/** What the authenticator of `tls-auth` may be long: the digests that TLS libraries offer. */
const AUTHENTICATOR_LENGTHS: readonly number[] = [16, 20, 28, 32, 48, 64];
const AUTHENTICATED_OVERHEAD = SESSION_ID_END + REPLAY_LENGTH + RESET_TAIL;
/** Largest of the former. */
const MAXIMUM_V2_LENGTH = AUTHENTICATED_OVERHEAD + 64;

/** A wrapped client key: tag, encrypted 256-byte key, its own length. Metadata may make it longer. */
const MINIMUM_WRAPPED_KEY = 290;
const MAXIMUM_WRAPPED_KEY = 1024;
const MINIMUM_V3_LENGTH = TLS_CRYPT_LENGTH + MINIMUM_WRAPPED_KEY;
const MAXIMUM_V3_LENGTH = TLS_CRYPT_LENGTH + MAXIMUM_WRAPPED_KEY;

/** The upper byte of the replay id of a client that can negotiate early, which a server may ask of it. */
const EARLY_NEGOTIATION = 0x0f;
/** TCP puts the length of each packet before it. */
const TCP_LENGTH_FIELD = 2;

/** A packet, of which all or some bytes are there. */
interface Packet {
  /** Where its first byte is. */
  readonly at: number;
  /** How long it is. */
  readonly length: number;
}

/** Recognises an OpenVPN client over TCP. */
export const openvpnTcpDetector: Detector = {
  name: "openvpn",
  transport: "tcp",
  budget: TCP_LENGTH_FIELD + MAXIMUM_V3_LENGTH,
  detect: detectStream,
};

/** Recognises an OpenVPN client over UDP. */
export const openvpnUdpDetector: Detector = {
  name: "openvpn",
  transport: "udp",
  budget: MAXIMUM_V3_LENGTH,
  detect: detectDatagram,
};

function detectStream(bytes: Uint8Array): Verdict {
  if (bytes.length > 0 && bytes[0]! > MAXIMUM_V3_LENGTH >> 8) return "mismatch";
  if (bytes.length < TCP_LENGTH_FIELD) return "incomplete";
  const length = u16(bytes, 0);
  if (!isResetLength(length)) return "mismatch";
  return resetVerdict(bytes, { at: TCP_LENGTH_FIELD, length });
}

function detectDatagram(bytes: Uint8Array): Verdict {
  if (!isResetLength(bytes.length)) return "mismatch";
  return wholeDatagram(resetVerdict(bytes, { at: 0, length: bytes.length }));
}

function isResetLength(length: number): boolean {
  return isV2Length(length) || (length >= MINIMUM_V3_LENGTH && length <= MAXIMUM_V3_LENGTH);
}

function isV2Length(length: number): boolean {
  return length === PLAIN_LENGTH || AUTHENTICATOR_LENGTHS.includes(length - AUTHENTICATED_OVERHEAD);
}

function resetVerdict(bytes: Uint8Array, packet: Packet): Verdict {
  if (bytes.length <= packet.at) return "incomplete";
  const opcode = packet.length <= MAXIMUM_V2_LENGTH ? HARD_RESET_CLIENT_V2 : HARD_RESET_CLIENT_V3;
  if (bytes[packet.at] !== opcode) return "mismatch";
  const body = opcode === HARD_RESET_CLIENT_V2
    ? resetV2Verdict(bytes, packet)
    : resetV3Verdict(bytes, packet);
  return both(sessionIdVerdict(bytes, packet.at), body);
}

function resetV2Verdict(bytes: Uint8Array, { at, length }: Packet): Verdict {
  const tail = zerosVerdict(bytes, { from: at + length - RESET_TAIL, to: at + length });
  if (length === PLAIN_LENGTH) return tail;
  const authenticated = both(
    replayIdVerdict(bytes, at + length - RESET_TAIL - REPLAY_LENGTH),
    tail,
  );
  if (length !== TLS_CRYPT_LENGTH) return authenticated;
  // tls-auth with a 256-bit digest is as long as tls-crypt.
  const encrypted = both(replayIdVerdict(bytes, at + SESSION_ID_END), arrivedVerdict(bytes, at + length));
  return either(authenticated, encrypted);
}

function resetV3Verdict(bytes: Uint8Array, { at, length }: Packet): Verdict {
  const replayId = replayIdVerdict(bytes, at + SESSION_ID_END);
  if (bytes.length < at + length) return both(replayId, "incomplete");
  const wrappedKey = u16(bytes, at + length - 2);
  return both(replayId, wrappedKey === length - TLS_CRYPT_LENGTH ? "match" : "mismatch");
}

function arrivedVerdict(bytes: Uint8Array, end: number): Verdict {
  return bytes.length < end ? "incomplete" : "match";
}

/** A session id is random and never zero. */
function sessionIdVerdict(bytes: Uint8Array, at: number): Verdict {
  const zeros = zerosVerdict(bytes, { from: at + SESSION_ID_OFFSET, to: at + SESSION_ID_END });
  if (zeros === "match") return "mismatch";
  return zeros === "mismatch" ? "match" : "incomplete";
}

/** A replay id counts packets from 1: the first ones, sent again after losses, stay below 256. */
function replayIdVerdict(bytes: Uint8Array, at: number): Verdict {
  const available = bytes.length - at;
  if (available > 0 && bytes[at] !== 0 && bytes[at] !== EARLY_NEGOTIATION) return "mismatch";
  if (available > 1 && bytes[at + 1] !== 0) return "mismatch";
  if (available > 2 && bytes[at + 2] !== 0) return "mismatch";
  if (available > 3) return bytes[at + 3] === 0 ? "mismatch" : "match";
  return "incomplete";
}

function zerosVerdict(bytes: Uint8Array, { from, to }: { from: number; to: number }): Verdict {
  const end = Math.min(bytes.length, to);
  for (let i = from; i < end; i++) {
    if (bytes[i] !== 0) return "mismatch";
  }
  return bytes.length < to ? "incomplete" : "match";
}
