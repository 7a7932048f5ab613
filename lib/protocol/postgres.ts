/**
 * The first packet of a PostgreSQL client: the startup message, or a request that comes before it.
 *
 * @see PostgreSQL documentation, "Message Formats" and "Message Flow"
 * @module
 */

import { isLetter, u16, u32 } from "./bytes.ts";
import { NO_CLIENT_HELLO, type ParsedClientHello, PARTIAL_CLIENT_HELLO } from "./client_hello.ts";
import type { Detector, Facts, Verdict } from "./detector.ts";
import { parseTlsClientHello } from "./tls.ts";

/** What a client sends that wants TLS: the server answers with one byte, {@linkcode SSL_ACCEPTED} or `N`. */
export const SSL_REQUEST: Uint8Array = Uint8Array.of(0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f);

/** The server's answer that lets the TLS handshake begin. */
export const SSL_ACCEPTED = 0x53;

/** What a client says who it is. */
export interface PostgresStartup {
  /** The user. */
  readonly user: string;
  /** The database; the name of the user unless given. */
  readonly database: string;
  /** All parameters as sent, those two among them. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** A startup message as far as it has arrived: `startup` is there when the verdict is `match`. */
export interface ParsedPostgresStartup {
  /** `mismatch` for anything else, SSLRequest, GSSENCRequest and CancelRequest among it. */
  readonly verdict: Verdict;
  /** The message. */
  readonly startup?: PostgresStartup;
}

const NO_STARTUP: ParsedPostgresStartup = Object.freeze({ verdict: "mismatch" });
const PARTIAL_STARTUP: ParsedPostgresStartup = Object.freeze({ verdict: "incomplete" });

const HEADER = 8;
const PROTOCOL_MAJOR = 3;
/** What the server itself accepts (MAX_STARTUP_PACKET_LENGTH). */
const MAX_STARTUP = 10_000;
/** A user without a name. */
const MIN_STARTUP = HEADER + "user\0\0\0".length;
/** Process id, and a key that is longer than four bytes since protocol 3.2. */
const MIN_CANCEL = HEADER + 4 + 4;
const MAX_CANCEL = HEADER + 4 + 256;

const REQUEST_MAJOR = 1234;
const CANCEL = 5678;
const SSL = 5679;
const GSS_ENCRYPTION = 5680;

const UNDERSCORE = 0x5f;

/** Recognises the first packet of a PostgreSQL client. */
export const postgresDetector: Detector = {
  name: "postgres",
  transport: "tcp",
  budget: HEADER + 1,
  detect(bytes: Uint8Array): Verdict {
    const header = judgeHeader(bytes);
    if (header !== "match" || u16(bytes, 4) === REQUEST_MAJOR) return header;
    if (bytes.length === HEADER) return "incomplete";
    return isParameterStart(bytes[HEADER]!) ? "match" : "mismatch";
  },
  facts(bytes: Uint8Array): Facts {
    const { startup } = parsePostgresStartup(bytes);
    if (startup === undefined) return {};
    return { "postgres.user": startup.user, "postgres.database": startup.database };
  },
  hasToldAll(bytes: Uint8Array): boolean {
    return parsePostgresStartup(bytes).verdict !== "incomplete";
  },
};

/** True when the first packet asks for TLS. The client sends nothing more until it is answered. */
export function isSslRequest(bytes: Uint8Array): boolean {
  return bytes.length >= SSL_REQUEST.length && SSL_REQUEST.every((byte, i) => bytes[i] === byte);
}

/**
 * Parses the ClientHello that follows a request for TLS. It is `incomplete` after the request alone: the client
 * waits for {@linkcode SSL_ACCEPTED}.
 */
export function parsePostgresHello(bytes: Uint8Array): ParsedClientHello {
  const length = Math.min(bytes.length, SSL_REQUEST.length);
  for (let i = 0; i < length; i++) {
    if (bytes[i] !== SSL_REQUEST[i]) return NO_CLIENT_HELLO;
  }
  if (bytes.length <= SSL_REQUEST.length) return PARTIAL_CLIENT_HELLO;
  return parseTlsClientHello(bytes.subarray(SSL_REQUEST.length));
}

/**
 * Parses a startup message.
 *
 * @example
 * ```ts
 * import { parsePostgresStartup, SSL_REQUEST } from "./postgres.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("\0\0\0\x14\0\x03\0\0user\0alice\0\0");
 * assertEquals(parsePostgresStartup(bytes).startup?.database, "alice");
 * assertEquals(parsePostgresStartup(SSL_REQUEST).verdict, "mismatch");
 * ```
 */
export function parsePostgresStartup(bytes: Uint8Array): ParsedPostgresStartup {
  const header = judgeHeader(bytes);
  if (header === "incomplete") return PARTIAL_STARTUP;
  if (header === "mismatch" || u16(bytes, 4) !== PROTOCOL_MAJOR) return NO_STARTUP;
  const length = u32(bytes, 0);
  if (bytes.length < length) return PARTIAL_STARTUP;
  const parameters = readParameters(bytes.subarray(HEADER, length));
  const user = parameters?.get("user");
  if (parameters === undefined || user === undefined) return NO_STARTUP;
  return { verdict: "match", startup: { user, database: parameters.get("database") ?? user, parameters } };
}

/** Length and code. */
function judgeHeader(bytes: Uint8Array): Verdict {
  if (bytes.length > 0 && bytes[0] !== 0) return "mismatch";
  if (bytes.length > 1 && bytes[1] !== 0) return "mismatch";
  if (bytes.length > 2 && bytes[2]! > MAX_STARTUP >> 8) return "mismatch";
  if (bytes.length < 4) return "incomplete";
  const length = u32(bytes, 0);
  if (length < HEADER || length > MAX_STARTUP) return "mismatch";
  if (bytes.length > 4 && bytes[4] !== 0 && bytes[4] !== REQUEST_MAJOR >> 8) return "mismatch";
  if (bytes.length > 5 && u16(bytes, 4) !== PROTOCOL_MAJOR && u16(bytes, 4) !== REQUEST_MAJOR) {
    return "mismatch";
  }
  if (bytes.length < HEADER) return "incomplete";
  return isCode(u16(bytes, 4), { minor: u16(bytes, 6), length }) ? "match" : "mismatch";
}

function isCode(
  major: number,
  { minor, length }: { readonly minor: number; readonly length: number },
): boolean {
  if (major === PROTOCOL_MAJOR) return length >= MIN_STARTUP;
  if (minor === CANCEL) return length >= MIN_CANCEL && length <= MAX_CANCEL;
  return (minor === SSL || minor === GSS_ENCRYPTION) && length === HEADER;
}

/** Names start with a letter, or with an underscore if they are options of the protocol. */
function isParameterStart(byte: number): boolean {
  return isLetter(byte) || byte === UNDERSCORE;
}

/** Names and values, each ended by NUL, and one more NUL; undefined when malformed. */
function readParameters(bytes: Uint8Array): ReadonlyMap<string, string> | undefined {
  const parts = new TextDecoder().decode(bytes).split("\0");
  const end = parts.splice(-2);
  if (end.length !== 2 || end.some((part) => part !== "") || parts.length % 2 !== 0) return undefined;
  const parameters = new Map<string, string>();
  for (let i = 0; i < parts.length; i += 2) {
    if (parts[i] === "") return undefined;
    parameters.set(parts[i]!, parts[i + 1]!);
  }
  return parameters;
}
