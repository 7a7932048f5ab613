/**
 * MQTT: the CONNECT packet that every client sends first (MQTT 3.1.1 and 5.0 section 3.1, MQTT 3.1 section 3.1).
 *
 * @module
 */

import { ascii, comparePrefix, u16 } from "./bytes.ts";
import type { Detector, Facts, Verdict } from "./detector.ts";
import { both, either } from "./verdict.ts";

const CONNECT = 0x10;
/** The remaining length is a little-endian base-128 integer of at most four bytes. */
const MAXIMUM_LENGTH_BYTES = 4;
const CONTINUATION = 0x80;

const MQTT = Uint8Array.of(0, 4, ...ascii("MQTT"));
const MQISDP = Uint8Array.of(0, 6, ...ascii("MQIsdp"));
/** Bridges set the highest bit of the level to say what they are (Mosquitto's `try_private`). */
const BRIDGE_BIT = 0x80;
const LEVEL_3_1 = 3;
const LEVEL_3_1_1 = 4;
const LEVEL_5 = 5;
/** Level, flags, keep-alive (2) and the length of the client id (2) follow the protocol name. */
const BYTES_AFTER_NAME = 6;
/** Bit 0 of the connect flags is reserved, in every version. */
const RESERVED_FLAG = 0x01;
const WILL_FLAG = 0x04;
/** Quality of service and retention of the will. */
const WILL_DETAILS = 0x38;

const VERSION_NAMES: Readonly<Record<number, string>> = {
  [LEVEL_3_1]: "3.1",
  [LEVEL_3_1_1]: "3.1.1",
  [LEVEL_5]: "5.0",
};

/**
 * Recognises an MQTT client of version 3.1, 3.1.1 or 5.0.
 *
 * Facts: `mqtt.version`, and `mqtt.client-id` once that has arrived.
 */
export const mqttDetector: Detector = {
  name: "mqtt",
  transport: "tcp",
  budget: 1 + MAXIMUM_LENGTH_BYTES + MQISDP.length + 2,
  detect,
  facts,
  hasToldAll: (bytes) => bytes.length >= endOfPacket(bytes),
};

function detect(bytes: Uint8Array): Verdict {
  if (bytes.length === 0) return "incomplete";
  if (bytes[0] !== CONNECT) return "mismatch";
  const nameOffset = skipRemainingLength(bytes);
  if (nameOffset === undefined) return "incomplete";
  if (nameOffset < 0) return "mismatch";
  return either(
    protocolVerdict(bytes, { nameOffset, name: MQTT }),
    protocolVerdict(bytes, { nameOffset, name: MQISDP }),
  );
}

/** The index after the remaining length, undefined while it is incomplete, -1 when it is malformed. */
function skipRemainingLength(bytes: Uint8Array): number | undefined {
  for (let i = 1; i <= MAXIMUM_LENGTH_BYTES; i++) {
    if (i >= bytes.length) return undefined;
    if (bytes[i]! >= CONTINUATION) continue;
    const isMinimal = i === 1 || bytes[i] !== 0;
    return isMinimal ? i + 1 : -1;
  }
  return -1;
}

interface NameAt {
  readonly nameOffset: number;
  readonly name: Uint8Array;
}

function protocolVerdict(bytes: Uint8Array, { nameOffset, name }: NameAt): Verdict {
  if (remainingLength(bytes) < name.length + BYTES_AFTER_NAME) return "mismatch";
  const at = nameOffset + name.length;
  return both(
    comparePrefix(bytes, name, { at: nameOffset }),
    both(levelVerdict(bytes, { at, name }), flagsVerdict(bytes, at + 1)),
  );
}

function levelVerdict(bytes: Uint8Array, { at, name }: { at: number; name: Uint8Array }): Verdict {
  if (at >= bytes.length) return "incomplete";
  const level = bytes[at]! & ~BRIDGE_BIT;
  const isKnown = name === MQISDP ? level === LEVEL_3_1 : level === LEVEL_3_1_1 || level === LEVEL_5;
  return isKnown ? "match" : "mismatch";
}

function flagsVerdict(bytes: Uint8Array, at: number): Verdict {
  if (at >= bytes.length) return "incomplete";
  const flags = bytes[at]!;
  if ((flags & RESERVED_FLAG) !== 0) return "mismatch";
  return (flags & WILL_FLAG) === 0 && (flags & WILL_DETAILS) !== 0 ? "mismatch" : "match";
}

/** The remaining length, which {@linkcode skipRemainingLength} found complete. */
function remainingLength(bytes: Uint8Array): number {
  let length = 0;
  let shift = 0;
  for (let i = 1; i <= MAXIMUM_LENGTH_BYTES; i++) {
    length |= (bytes[i]! & ~CONTINUATION) << shift;
    if (bytes[i]! < CONTINUATION) break;
    shift += 7;
  }
  return length;
}

/** The index after a packet that {@linkcode skipRemainingLength} found to begin well. */
function endOfPacket(bytes: Uint8Array): number {
  return skipRemainingLength(bytes)! + remainingLength(bytes);
}

function facts(bytes: Uint8Array): Facts {
  const nameOffset = skipRemainingLength(bytes);
  if (nameOffset === undefined || nameOffset < 0) return {};
  const levelOffset = nameOffset + 2 + u16(bytes, nameOffset);
  const level = bytes[levelOffset]! & ~BRIDGE_BIT;
  const version = { "mqtt.version": VERSION_NAMES[level]! };
  const packet = bytes.subarray(0, endOfPacket(bytes));
  const clientId = readClientId(packet, { at: levelOffset + 4, hasProperties: level === LEVEL_5 });
  return clientId === undefined ? version : { ...version, "mqtt.client-id": clientId };
}

interface PayloadAt {
  /** Index after the keep-alive. */
  readonly at: number;
  /** Whether a property section precedes the payload, as in version 5.0. */
  readonly hasProperties: boolean;
}

function readClientId(bytes: Uint8Array, { at, hasProperties }: PayloadAt): string | undefined {
  const lengthOffset = hasProperties ? skipProperties(bytes, at) : at;
  if (lengthOffset === undefined || lengthOffset + 2 > bytes.length) return undefined;
  const from = lengthOffset + 2;
  const to = from + u16(bytes, lengthOffset);
  return to > bytes.length ? undefined : new TextDecoder().decode(bytes.subarray(from, to));
}

function skipProperties(bytes: Uint8Array, at: number): number | undefined {
  let length = 0;
  for (let i = 0; i < MAXIMUM_LENGTH_BYTES && at + i < bytes.length; i++) {
    const byte = bytes[at + i]!;
    length |= (byte & ~CONTINUATION) << (7 * i);
    if (byte < CONTINUATION) return at + i + 1 + length;
  }
  return undefined;
}
