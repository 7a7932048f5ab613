/**
 * The ClientHello, which TLS, DTLS and QUIC share: what a client asks for before anything is encrypted.
 *
 * @see RFC 8446 section 4.1.2 (the message), RFC 6066 section 3 (server_name), RFC 7301 (ALPN), RFC 8701 (GREASE)
 * @module
 */

import { isVisible, latin1, u16, u24 } from "./bytes.ts";
import { Cursor } from "./cursor.ts";
import type { Facts, Verdict } from "./detector.ts";

/** What a ClientHello says that a route may depend on. */
export interface ClientHello {
  /** The server name in lower case and without a trailing dot; undefined when none is asked for. */
  readonly sni?: string;
  /** The application protocols, most wanted first, without GREASE values. */
  readonly alpn: readonly string[];
  /** The versions offered, as on the wire (0x0304 is TLS 1.3), in the client's order and without GREASE. */
  readonly versions: readonly number[];
  /** Whether an Encrypted ClientHello is there. Clients also send meaningless ones (GREASE): it proves nothing. */
  readonly ech: boolean;
}

/** A ClientHello as far as it has arrived: `hello` is there when the verdict is `match`. */
export interface ParsedClientHello {
  /** `incomplete` until all of the message is there, `mismatch` as soon as it cannot be one. */
  readonly verdict: Verdict;
  /** The message. */
  readonly hello?: ClientHello;
}

/** The most bytes that a ClientHello, with its framing, may take: a post-quantum one takes about 2 KiB. */
export const CLIENT_HELLO_BUDGET = 65_536;

/** The handshake type of a ClientHello. */
export const CLIENT_HELLO_TYPE = 0x01;

/** The result for bytes that are no ClientHello. */
export const NO_CLIENT_HELLO: ParsedClientHello = Object.freeze({ verdict: "mismatch" });

/** The result for bytes that may become a ClientHello. */
export const PARTIAL_CLIENT_HELLO: ParsedClientHello = Object.freeze({ verdict: "incomplete" });

const HANDSHAKE_HEADER = 4;
const RANDOM = 32;
const MAX_SESSION_ID = 32;

const SERVER_NAME = 0;
const APPLICATION_PROTOCOLS = 16;
const SUPPORTED_VERSIONS = 43;
const ENCRYPTED_CLIENT_HELLO = 0xfe0d;

const HOST_NAME = 0;

/** Newest first. */
const VERSION_NAMES: ReadonlyMap<number, string> = new Map([
  [0x0304, "1.3"],
  [0x0303, "1.2"],
  [0x0302, "1.1"],
  [0x0301, "1.0"],
  [0x0300, "ssl3"],
  [0xfefc, "dtls1.3"],
  [0xfefd, "dtls1.2"],
  [0xfeff, "dtls1.0"],
]);

/**
 * Parses a ClientHello from the first bytes of a TLS handshake stream, without record headers. Bytes after the
 * message are ignored.
 *
 * @example
 * ```ts
 * import { parseClientHello } from "./client_hello.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseClientHello(new Uint8Array([1, 0, 0, 200])).verdict, "incomplete");
 * assertEquals(parseClientHello(new Uint8Array([2])).verdict, "mismatch");
 * ```
 */
export function parseClientHello(handshake: Uint8Array): ParsedClientHello {
  if (handshake.length === 0) return PARTIAL_CLIENT_HELLO;
  if (handshake[0] !== CLIENT_HELLO_TYPE) return NO_CLIENT_HELLO;
  if (handshake.length < HANDSHAKE_HEADER) return PARTIAL_CLIENT_HELLO;
  const end = HANDSHAKE_HEADER + u24(handshake, 1);
  if (end > CLIENT_HELLO_BUDGET) return NO_CLIENT_HELLO;
  if (handshake.length < end) return PARTIAL_CLIENT_HELLO;
  return parseClientHelloBody(handshake.subarray(HANDSHAKE_HEADER, end));
}

/**
 * Parses the whole body of a ClientHello, after the handshake header. DTLS has a `cookie` that TLS has not
 * (RFC 6347 section 4.2.1).
 */
export function parseClientHelloBody(
  body: Uint8Array,
  { cookie = false }: { readonly cookie?: boolean } = {},
): ParsedClientHello {
  const cursor = new Cursor(body);
  const legacyVersion = cursor.u16();
  cursor.take(RANDOM);
  const sessionId = cursor.vector8();
  if (cookie) cursor.vector8();
  const cipherSuites = cursor.vector16();
  const compressionMethods = cursor.vector8();
  const extensions = cursor.remaining > 0 ? cursor.vector16() : new Uint8Array();

  const wellFormed = cursor.ok && cursor.remaining === 0 && sessionId.length <= MAX_SESSION_ID &&
    cipherSuites.length > 0 && cipherSuites.length % 2 === 0 && compressionMethods.length > 0;
  const hello = wellFormed ? readExtensions(extensions, legacyVersion) : undefined;
  return hello === undefined ? NO_CLIENT_HELLO : { verdict: "match", hello };
}

/** The facts of a ClientHello: `sni`, `alpn` (joined by `;`), `tls.version` (the newest offered) and `ech`. */
export function clientHelloFacts(hello: ClientHello): Facts {
  const facts: Record<string, string> = { ech: String(hello.ech) };
  if (hello.sni !== undefined) facts.sni = hello.sni;
  if (hello.alpn.length > 0) facts.alpn = hello.alpn.join(";");
  for (const [version, name] of VERSION_NAMES) {
    if (!hello.versions.includes(version)) continue;
    facts["tls.version"] = name;
    break;
  }
  return facts;
}

/**
 * A hello that names the server or its protocols twice is malformed (RFC 8446 section 4.2): two readers could
 * take different ones for the truth.
 */
function readExtensions(extensions: Uint8Array, legacyVersion: number): ClientHello | undefined {
  const cursor = new Cursor(extensions);
  let sni: string | undefined;
  let alpn: readonly string[] | undefined;
  let versions: readonly number[] | undefined;
  let ech = false;
  while (cursor.remaining > 0) {
    const type = cursor.u16();
    const data = cursor.vector16();
    if (type === SERVER_NAME) {
      if (sni !== undefined) return undefined;
      sni = readServerName(data);
      if (sni === undefined) return undefined;
    } else if (type === APPLICATION_PROTOCOLS) {
      if (alpn !== undefined) return undefined;
      alpn = readProtocols(data);
      if (alpn === undefined) return undefined;
    } else if (type === SUPPORTED_VERSIONS) {
      versions = readVersions(data);
      if (versions === undefined) return undefined;
    } else if (type === ENCRYPTED_CLIENT_HELLO) {
      ech = true;
    }
  }
  if (!cursor.ok) return undefined;
  return { sni: sni || undefined, alpn: alpn ?? [], versions: versions ?? [legacyVersion], ech };
}

/** The one host name of the list, perhaps empty; undefined when malformed. */
function readServerName(data: Uint8Array): string | undefined {
  const list = new Cursor(data);
  const names = new Cursor(list.vector16());
  let hostName: string | undefined;
  while (names.remaining > 0) {
    const type = names.u8();
    const name = names.vector16();
    if (type !== HOST_NAME) continue;
    if (hostName !== undefined || !name.every(isVisible)) return undefined;
    hostName = latin1(name).toLowerCase().replace(/\.$/, "");
  }
  return list.ok && names.ok && list.remaining === 0 ? hostName ?? "" : undefined;
}

function readProtocols(data: Uint8Array): readonly string[] | undefined {
  const list = new Cursor(data);
  const names = new Cursor(list.vector16());
  const protocols: string[] = [];
  while (names.remaining > 0) {
    const name = names.vector8();
    if (name.length === 0) return undefined;
    if (name.length !== 2 || !isGrease(u16(name, 0))) protocols.push(latin1(name));
  }
  return list.ok && names.ok && list.remaining === 0 ? protocols : undefined;
}

function readVersions(data: Uint8Array): readonly number[] | undefined {
  const list = new Cursor(data);
  const values = new Cursor(list.vector8());
  const versions: number[] = [];
  while (values.remaining > 0) {
    const version = values.u16();
    if (!isGrease(version)) versions.push(version);
  }
  return list.ok && values.ok && list.remaining === 0 ? versions : undefined;
}

/** True for 0x0a0a, 0x1a1a, … 0xfafa, which mean nothing (RFC 8701). */
function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && (value >> 8) === (value & 0xff);
}
