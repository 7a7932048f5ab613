/**
 * The protection of QUIC's Initial packets, whose keys follow from what is on the wire: anyone may open them.
 *
 * @see RFC 9001 section 5 and appendix A, RFC 9369 section 3.3
 * @module
 */

import { ascii } from "./bytes.ts";
import type { LongHeaderPacket, QuicVersion } from "./quic_packet.ts";

/** What a connection id gives a client's Initial packets, as bytes. */
export interface InitialSecrets {
  /** The AES-128-GCM key. */
  readonly key: Uint8Array<ArrayBuffer>;
  /** What a packet number is mixed into to make the nonce. */
  readonly iv: Uint8Array<ArrayBuffer>;
  /** The AES-128 key of header protection. */
  readonly hp: Uint8Array<ArrayBuffer>;
}

/** The same, ready for use. */
export interface InitialKeys {
  /** The AES-GCM key. */
  readonly key: CryptoKey;
  /** What a packet number is mixed into to make the nonce. */
  readonly iv: Uint8Array<ArrayBuffer>;
  /** The key of header protection. */
  readonly hp: CryptoKey;
}

interface VersionConstants {
  readonly salt: string;
  readonly label: string;
}

const CONSTANTS: Readonly<Record<QuicVersion, VersionConstants>> = {
  1: { salt: "38762cf7f55934b34d179ae6a4c80cadccbb7f0a", label: "quic" },
  2: { salt: "0dede3def700a6db819381be6e269dcbf9bd2ed9", label: "quicv2" },
};

const SECRET_LENGTH = 32;
const KEY_LENGTH = 16;
const IV_LENGTH = 12;
const SAMPLE_LENGTH = 16;
const MAX_PACKET_NUMBER_LENGTH = 4;
const NO_IV = new Uint8Array(16);

/** Derives what protects the Initial packets that a client sends to that connection id. */
export async function deriveInitialSecrets(
  version: QuicVersion,
  destinationConnectionId: Uint8Array,
): Promise<InitialSecrets> {
  const { salt, label } = CONSTANTS[version];
  const initial = await hmac(Uint8Array.fromHex(salt), destinationConnectionId.slice());
  const client = await expandLabel(initial, "client in", { length: SECRET_LENGTH });
  const [key, iv, hp] = await Promise.all([
    expandLabel(client, `${label} key`, { length: KEY_LENGTH }),
    expandLabel(client, `${label} iv`, { length: IV_LENGTH }),
    expandLabel(client, `${label} hp`, { length: KEY_LENGTH }),
  ]);
  return { key, iv, hp };
}

/** Makes the keys that open a client's Initial packets. */
export async function deriveInitialKeys(
  version: QuicVersion,
  destinationConnectionId: Uint8Array,
): Promise<InitialKeys> {
  const secrets = await deriveInitialSecrets(version, destinationConnectionId);
  const [key, hp] = await Promise.all([
    crypto.subtle.importKey("raw", secrets.key, "AES-GCM", false, ["decrypt"]),
    crypto.subtle.importKey("raw", secrets.hp, "AES-CBC", false, ["encrypt"]),
  ]);
  return { key, iv: secrets.iv, hp };
}

/**
 * The mask of header protection: AES-ECB of the sample (RFC 9001 section 5.4.3). Web Crypto has no ECB, but one
 * block of CBC over a zero vector is the same.
 */
export async function headerProtectionMask(
  hp: CryptoKey,
  sample: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.encrypt({ name: "AES-CBC", iv: NO_IV }, hp, sample));
}

/** The nonce of a packet (RFC 9001 section 5.3). */
export function packetNonce(iv: Uint8Array<ArrayBuffer>, packetNumber: number): Uint8Array<ArrayBuffer> {
  const nonce = iv.slice();
  for (let i = 0; i < MAX_PACKET_NUMBER_LENGTH; i++) nonce[nonce.length - 1 - i]! ^= packetNumber >>> (8 * i);
  return nonce;
}

/** The payload of an Initial packet, or undefined when it does not authenticate. The datagram is not changed. */
export async function openInitialPacket(
  datagram: Uint8Array,
  { packet, keys }: { readonly packet: LongHeaderPacket; readonly keys: InitialKeys },
): Promise<Uint8Array | undefined> {
  const sampleStart = packet.packetNumber + MAX_PACKET_NUMBER_LENGTH;
  const mask = await headerProtectionMask(keys.hp, datagram.slice(sampleStart, sampleStart + SAMPLE_LENGTH));

  const firstByte = datagram[packet.start]! ^ (mask[0]! & 0x0f);
  const packetNumberLength = (firstByte & 0x03) + 1;
  const payloadStart = packet.packetNumber + packetNumberLength;
  const header = datagram.slice(packet.start, payloadStart);
  header[0] = firstByte;
  let packetNumber = 0;
  for (let i = 0; i < packetNumberLength; i++) {
    const at = header.length - packetNumberLength + i;
    header[at]! ^= mask[i + 1]!;
    packetNumber = (packetNumber << 8) | header[at]!;
  }

  const algorithm = { name: "AES-GCM", iv: packetNonce(keys.iv, packetNumber), additionalData: header };
  try {
    const sealed = datagram.slice(payloadStart, packet.end);
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, keys.key, sealed));
  } catch {
    return undefined;
  }
}

/** HKDF-Expand-Label of TLS 1.3 without context (RFC 8446 section 7.1), for up to 32 bytes. */
async function expandLabel(
  secret: Uint8Array<ArrayBuffer>,
  label: string,
  { length }: { readonly length: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const name = ascii(`tls13 ${label}`);
  const info = new Uint8Array([0, length, name.length, ...name, 0, 1]);
  return (await hmac(secret, info)).slice(0, length);
}

async function hmac(
  key: Uint8Array<ArrayBuffer>,
  data: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, data));
}
