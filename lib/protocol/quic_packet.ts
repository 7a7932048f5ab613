/**
 * The parts of QUIC that anyone on the path can read: long headers, and the frames of an opened Initial packet.
 *
 * @see RFC 9000 sections 17.2 (long headers) and 19 (frames), RFC 9369 section 3.2 (types of version 2)
 * @module
 */

import { u32 } from "./bytes.ts";
import { Cursor } from "./cursor.ts";

/** The versions of QUIC whose Initial packets can be opened. */
export type QuicVersion = 1 | 2;

/** A packet with a long header and a length: where it is within its datagram. */
export interface LongHeaderPacket {
  /** The version of QUIC. */
  readonly version: QuicVersion;
  /** Whether it is an Initial packet, and not a 0-RTT or a Handshake one. */
  readonly initial: boolean;
  /** The connection id that the client chose for the server. */
  readonly destinationConnectionId: Uint8Array;
  /** Index of the first byte. */
  readonly start: number;
  /** Index of the packet number, which header protection hides. */
  readonly packetNumber: number;
  /** Index after the last byte. */
  readonly end: number;
}

/** One CRYPTO frame: a piece of the TLS handshake. */
export interface CryptoFrame {
  /** Where in the handshake the piece belongs. */
  readonly offset: number;
  /** The piece. */
  readonly data: Uint8Array;
}

/** Bytes in a datagram that carries a client's Initial packet (RFC 9000 section 14.1). */
export const MIN_INITIAL_DATAGRAM = 1200;

const LONG_HEADER = 0xc0;
const VERSION_1 = 0x0000_0001;
const VERSION_2 = 0x6b33_43cf;
const MAX_CONNECTION_ID = 20;

/** A packet number of up to four bytes, then the sample that header protection takes (RFC 9001 section 5.4.2). */
const MIN_PROTECTED = 4 + 16;

const INITIAL_TYPE: Readonly<Record<QuicVersion, number>> = { 1: 0, 2: 1 };
const RETRY_TYPE: Readonly<Record<QuicVersion, number>> = { 1: 3, 2: 0 };

const PADDING = 0x00;
const PING = 0x01;
const ACK = 0x02;
const ACK_WITH_ECN_COUNTS = 0x03;
const CRYPTO = 0x06;
const CONNECTION_CLOSE = 0x1c;

/** The version of the long header at `start`, or undefined when there is none that can be read. */
export function quicVersionAt(datagram: Uint8Array, start: number): QuicVersion | undefined {
  if (datagram.length - start < 5 || (datagram[start]! & LONG_HEADER) !== LONG_HEADER) return undefined;
  const version = u32(datagram, start + 1);
  if (version === VERSION_1) return 1;
  return version === VERSION_2 ? 2 : undefined;
}

/** Reads the packet at `start`; undefined when it has no long header, no length, or does not fit the datagram. */
export function readLongHeader(datagram: Uint8Array, start: number): LongHeaderPacket | undefined {
  const version = quicVersionAt(datagram, start);
  if (version === undefined) return undefined;
  const type = (datagram[start]! >> 4) & 0x03;
  if (type === RETRY_TYPE[version]) return undefined;
  const initial = type === INITIAL_TYPE[version];

  const cursor = new Cursor(datagram.subarray(start + 5));
  const destinationConnectionId = cursor.vector8();
  const sourceConnectionId = cursor.vector8();
  if (destinationConnectionId.length > MAX_CONNECTION_ID || sourceConnectionId.length > MAX_CONNECTION_ID) {
    return undefined;
  }
  if (initial) cursor.take(readVarint(cursor));
  const length = readVarint(cursor);
  if (!cursor.ok || length < MIN_PROTECTED || length > cursor.remaining) return undefined;
  const packetNumber = start + 5 + cursor.offset;
  return { version, initial, destinationConnectionId, start, packetNumber, end: packetNumber + length };
}

/** The packets that share a datagram (RFC 9000 section 12.2), at most `limit` of them. */
export function readCoalescedPackets(
  datagram: Uint8Array,
  { limit }: { readonly limit: number },
): readonly LongHeaderPacket[] {
  const packets: LongHeaderPacket[] = [];
  let at = 0;
  while (packets.length < limit) {
    const packet = readLongHeader(datagram, at);
    if (packet === undefined) break;
    packets.push(packet);
    at = packet.end;
  }
  return packets;
}

/**
 * The CRYPTO frames of an opened Initial packet; undefined when it holds a frame that has no business there
 * (RFC 9000 section 17.2.2).
 */
export function readCryptoFrames(payload: Uint8Array): readonly CryptoFrame[] | undefined {
  const cursor = new Cursor(payload);
  const frames: CryptoFrame[] = [];
  while (cursor.remaining > 0) {
    const type = cursor.u8();
    if (type === PADDING || type === PING) continue;
    if (type === CRYPTO) {
      const offset = readVarint(cursor);
      frames.push({ offset, data: cursor.take(readVarint(cursor)) });
    } else if (type === ACK || type === ACK_WITH_ECN_COUNTS) {
      skipAck(cursor, { ecnCounts: type === ACK_WITH_ECN_COUNTS });
    } else if (type === CONNECTION_CLOSE) {
      readVarint(cursor);
      readVarint(cursor);
      cursor.take(readVarint(cursor));
    } else {
      return undefined;
    }
  }
  return cursor.ok ? frames : undefined;
}

function skipAck(cursor: Cursor, { ecnCounts }: { readonly ecnCounts: boolean }): void {
  readVarint(cursor);
  readVarint(cursor);
  const ranges = readVarint(cursor);
  readVarint(cursor);
  for (let i = 0; i < ranges * 2 && cursor.ok; i++) readVarint(cursor);
  for (let i = 0; i < 3 && ecnCounts; i++) readVarint(cursor);
}

/** A variable-length integer (RFC 9000 section 16); above 2^53 it is inexact, which no datagram can reach. */
function readVarint(cursor: Cursor): number {
  const first = cursor.u8();
  let value = first & 0x3f;
  for (let more = (1 << (first >> 6)) - 1; more > 0; more--) value = value * 256 + cursor.u8();
  return value;
}
