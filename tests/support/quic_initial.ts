/**
 * Makes the Initial packets of a QUIC client, to test what opens them.
 *
 * @module
 */

import { deriveInitialSecrets, headerProtectionMask, packetNonce } from "../../lib/protocol/quic_crypto.ts";
import type { CryptoFrame, QuicVersion } from "../../lib/protocol/quic_packet.ts";

/** The connection id of the samples in RFC 9001 and RFC 9369. */
export const SAMPLE_CONNECTION_ID: Uint8Array = Uint8Array.fromHex("8394c8f03e515708");

/** The CRYPTO frame of the client's Initial packet in those samples, without its padding. */
export const SAMPLE_CRYPTO_FRAME: Uint8Array = Uint8Array.fromHex(
  "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e868" +
    "04fe3a47f06a2b69484c00000413011302010000c000000010000e00000b6578" +
    "616d706c652e636f6dff01000100000a00080006001d00170018001000070005" +
    "04616c706e000500050100000000003300260024001d00209370b2c9caa47fba" +
    "baf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b000302030400" +
    "0d0010000e0403050306030203080408050806002d00020101001c0002400100" +
    "3900320408ffffffffffffffff05048000ffff07048000ffff08011001048000" +
    "75300901100f088394c8f03e51570806048000ffff",
);

/** What an Initial packet is made of. */
export interface InitialPacket {
  /** The version; 1 unless given. */
  readonly version?: QuicVersion;
  /** The connection id; that of the samples unless given. */
  readonly destinationConnectionId?: Uint8Array;
  /** The token of an earlier Retry. */
  readonly token?: Uint8Array;
  /** The packet number, always written in four bytes; 0 unless given. */
  readonly packetNumber?: number;
  /** The frames. */
  readonly payload: Uint8Array;
  /** Bytes that the packet shall have, reached with PADDING frames; 1200 unless given. */
  readonly size?: number;
}

const PACKET_NUMBER_LENGTH = 4;
const TAG_LENGTH = 16;

/** Encrypts one Initial packet as a client does (RFC 9001 section 5). */
export async function sealInitialPacket(options: InitialPacket): Promise<Uint8Array> {
  const { version = 1, destinationConnectionId = SAMPLE_CONNECTION_ID, token = new Uint8Array() } = options;
  const { packetNumber = 0, payload, size = 1200 } = options;
  const start = longHeaderStart(version, { destinationConnectionId, token });
  const overhead = start.length + 2 + PACKET_NUMBER_LENGTH + TAG_LENGTH;
  const padded = new Uint8Array(Math.max(size - overhead, payload.length));
  padded.set(payload);
  const length = PACKET_NUMBER_LENGTH + padded.length + TAG_LENGTH;
  const number = [24, 16, 8, 0].map((shift) => (packetNumber >>> shift) & 0xff);
  const header = Uint8Array.from([...start, 0x40 | (length >> 8), length & 0xff, ...number]);

  const secrets = await deriveInitialSecrets(version, destinationConnectionId);
  const key = await crypto.subtle.importKey("raw", secrets.key, "AES-GCM", false, ["encrypt"]);
  const iv = packetNonce(secrets.iv, packetNumber);
  const algorithm = { name: "AES-GCM", iv, additionalData: header };
  const sealed = new Uint8Array(await crypto.subtle.encrypt(algorithm, key, padded));

  const hp = await crypto.subtle.importKey("raw", secrets.hp, "AES-CBC", false, ["encrypt"]);
  const mask = await headerProtectionMask(hp, sealed.slice(0, 16));
  const packet = Uint8Array.from([...header, ...sealed]);
  packet[0]! ^= mask[0]! & 0x0f;
  for (let i = 0; i < PACKET_NUMBER_LENGTH; i++) {
    packet[header.length - PACKET_NUMBER_LENGTH + i]! ^= mask[i + 1]!;
  }
  return packet;
}

/** Writes a CRYPTO frame. */
export function cryptoFrame({ offset, data }: CryptoFrame): Uint8Array {
  return Uint8Array.from([0x06, ...varint(offset), ...varint(data.length), ...data]);
}

function longHeaderStart(
  version: QuicVersion,
  { destinationConnectionId, token }: {
    readonly destinationConnectionId: Uint8Array;
    readonly token: Uint8Array;
  },
): readonly number[] {
  const first = version === 1 ? [0xc3, 0, 0, 0, 1] : [0xd3, 0x6b, 0x33, 0x43, 0xcf];
  const tokenLength = token.length < 64 ? [token.length] : varint(token.length);
  return [...first, destinationConnectionId.length, ...destinationConnectionId, 0, ...tokenLength, ...token];
}

/** A variable-length integer in two bytes. */
function varint(value: number): readonly number[] {
  return [0x40 | (value >> 8), value & 0xff];
}
