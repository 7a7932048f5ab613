/**
 * The type-length-value vectors of the PROXY protocol's version 2.
 *
 * @see "The PROXY protocol" sections 2.2.1 to 2.2.8
 * @module
 */

import { Cursor } from "./cursor.ts";
import type { ProxySsl, ProxyTlvs } from "./proxy_header.ts";

/** The type of the checksum over the whole header. */
const CRC32C_TYPE = 0x03;

const ALPN = 0x01;
const AUTHORITY = 0x02;
const UNIQUE_ID = 0x05;
const SSL = 0x20;
const NETWORK_NAMESPACE = 0x30;

const SSL_VERSION = 0x21;
const SSL_COMMON_NAME = 0x22;
const SSL_CIPHER = 0x23;

const CLIENT_SSL = 0x01;
const CLIENT_CERTIFICATE_ON_CONNECTION = 0x02;
const CLIENT_CERTIFICATE_IN_SESSION = 0x04;

const CHECKSUM_LENGTH = 4;
const MAX_UNIQUE_ID = 128;

/** Vectors by type; of a type that comes twice, the last. */
type Vectors = ReadonlyMap<number, Uint8Array>;

/** What vectors say, and where the checksum among them is. */
export interface ReadTlvs {
  /** What they say. */
  readonly tlvs: ProxyTlvs;
  /** The four bytes of the checksum, as a view of the input. */
  readonly checksum?: Uint8Array;
}

/** Reads the vectors that fill these bytes; undefined when one does not fit. Unknown types are skipped. */
export function readProxyTlvs(bytes: Uint8Array): ReadTlvs | undefined {
  const vectors = splitVectors(bytes);
  if (vectors === undefined) return undefined;
  const sslVector = vectors.get(SSL);
  const ssl = sslVector === undefined ? undefined : readSsl(sslVector);
  const uniqueId = vectors.get(UNIQUE_ID);
  const checksum = vectors.get(CRC32C_TYPE);
  const malformed = sslVector !== undefined && ssl === undefined ||
    uniqueId !== undefined && uniqueId.length > MAX_UNIQUE_ID ||
    checksum !== undefined && checksum.length !== CHECKSUM_LENGTH;
  if (malformed) return undefined;
  const tlvs = {
    alpn: readText(vectors, ALPN),
    authority: readText(vectors, AUTHORITY),
    uniqueId: uniqueId?.slice(),
    ssl,
    networkNamespace: readText(vectors, NETWORK_NAMESPACE),
  };
  return { tlvs: withoutUndefined(tlvs), checksum };
}

/** Writes vectors. Throws a RangeError for a unique identifier of more than 128 bytes. */
export function encodeProxyTlvs({ alpn, authority, uniqueId, ssl, networkNamespace }: ProxyTlvs): Uint8Array {
  if (uniqueId !== undefined && uniqueId.length > MAX_UNIQUE_ID) {
    throw new RangeError(
      `Cannot encode a unique identifier of ${uniqueId.length} bytes: the limit is ${MAX_UNIQUE_ID}`,
    );
  }
  return Uint8Array.from([
    ...encodeVector(ALPN, encodeText(alpn)),
    ...encodeVector(AUTHORITY, encodeText(authority)),
    ...encodeVector(UNIQUE_ID, uniqueId),
    ...encodeVector(SSL, ssl === undefined ? undefined : encodeSsl(ssl)),
    ...encodeVector(NETWORK_NAMESPACE, encodeText(networkNamespace)),
  ]);
}

/** An empty checksum, to be filled in. */
export function encodeEmptyChecksum(): Uint8Array {
  return Uint8Array.from(encodeVector(CRC32C_TYPE, new Uint8Array(CHECKSUM_LENGTH)));
}

function splitVectors(bytes: Uint8Array): Vectors | undefined {
  const cursor = new Cursor(bytes);
  const vectors = new Map<number, Uint8Array>();
  while (cursor.remaining > 0) {
    const type = cursor.u8();
    vectors.set(type, cursor.vector16());
  }
  return cursor.ok ? vectors : undefined;
}

function readSsl(bytes: Uint8Array): ProxySsl | undefined {
  const cursor = new Cursor(bytes);
  const client = cursor.u8();
  const verify = cursor.u32();
  const vectors = splitVectors(cursor.take(cursor.remaining));
  if (!cursor.ok || vectors === undefined) return undefined;
  return withoutUndefined({
    ssl: (client & CLIENT_SSL) !== 0,
    certificateOnConnection: (client & CLIENT_CERTIFICATE_ON_CONNECTION) !== 0,
    certificateInSession: (client & CLIENT_CERTIFICATE_IN_SESSION) !== 0,
    verified: verify === 0,
    version: readText(vectors, SSL_VERSION),
    commonName: readText(vectors, SSL_COMMON_NAME),
    cipher: readText(vectors, SSL_CIPHER),
  });
}

function encodeSsl(ssl: ProxySsl): Uint8Array {
  const client = (ssl.ssl ? CLIENT_SSL : 0) |
    (ssl.certificateOnConnection ? CLIENT_CERTIFICATE_ON_CONNECTION : 0) |
    (ssl.certificateInSession ? CLIENT_CERTIFICATE_IN_SESSION : 0);
  return Uint8Array.from([
    ...[client, 0, 0, 0, ssl.verified ? 0 : 1],
    ...encodeVector(SSL_VERSION, encodeText(ssl.version)),
    ...encodeVector(SSL_COMMON_NAME, encodeText(ssl.commonName)),
    ...encodeVector(SSL_CIPHER, encodeText(ssl.cipher)),
  ]);
}

function encodeVector(type: number, value: Uint8Array | undefined): readonly number[] {
  return value === undefined ? [] : [type, value.length >> 8, value.length & 0xff, ...value];
}

/** All texts of the specification are UTF-8 (or ASCII, which is UTF-8 too). */
function readText(vectors: Vectors, type: number): string | undefined {
  const value = vectors.get(type);
  return value === undefined ? undefined : new TextDecoder().decode(value);
}

function encodeText(text: string | undefined): Uint8Array | undefined {
  return text === undefined ? undefined : new TextEncoder().encode(text);
}

function withoutUndefined<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}
