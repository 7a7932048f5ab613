/**
 * DTLS over UDP: the detector, and the ClientHello of a datagram that holds all of it.
 *
 * @see RFC 6347 sections 4.1 (records) and 4.2.2 (handshake header), RFC 9147
 * @module
 */

import { u16, u24 } from "./bytes.ts";
import {
  CLIENT_HELLO_TYPE,
  clientHelloFacts,
  NO_CLIENT_HELLO,
  parseClientHelloBody,
  type ParsedClientHello,
} from "./client_hello.ts";
import type { Detector, Facts, Verdict } from "./detector.ts";

const HANDSHAKE_RECORD = 0x16;
const RECORD_HEADER = 13;
const HANDSHAKE_HEADER = 12;
const BODY = RECORD_HEADER + HANDSHAKE_HEADER;

/** Recognises a datagram that starts with a ClientHello, or with a fragment of one. */
export const dtlsDetector: Detector = {
  name: "dtls",
  transport: "udp",
  budget: BODY,
  detect(datagram: Uint8Array): Verdict {
    return startsWithClientHello(datagram) ? "match" : "mismatch";
  },
  facts(datagram: Uint8Array): Facts {
    const { hello } = parseDtlsClientHello(datagram);
    return hello === undefined ? {} : clientHelloFacts(hello);
  },
};

/**
 * Parses the ClientHello of one datagram. The verdict is never `incomplete`: a fragmented hello is a mismatch,
 * because DTLS clients fragment only what does not fit a datagram.
 *
 * @example
 * ```ts
 * import { parseDtlsClientHello } from "./dtls.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseDtlsClientHello(new Uint8Array([0x16, 0xfe, 0xfd])).verdict, "mismatch");
 * ```
 */
export function parseDtlsClientHello(datagram: Uint8Array): ParsedClientHello {
  if (!startsWithClientHello(datagram)) return NO_CLIENT_HELLO;
  const length = u24(datagram, 14);
  if (u24(datagram, 22) !== length) return NO_CLIENT_HELLO;
  return parseClientHelloBody(datagram.subarray(BODY, BODY + length), { cookie: true });
}

function startsWithClientHello(datagram: Uint8Array): boolean {
  if (datagram.length < BODY || datagram[0] !== HANDSHAKE_RECORD || datagram[1] !== 0xfe) return false;
  if (datagram[2] !== 0xff && datagram[2] !== 0xfd) return false;
  const epoch = u16(datagram, 3);
  const recordLength = u16(datagram, 11);
  if (epoch !== 0 || recordLength > datagram.length - RECORD_HEADER) return false;
  if (datagram[13] !== CLIENT_HELLO_TYPE) return false;
  const length = u24(datagram, 14);
  const fragmentOffset = u24(datagram, 19);
  const fragmentLength = u24(datagram, 22);
  return HANDSHAKE_HEADER + fragmentLength <= recordLength && fragmentOffset + fragmentLength <= length;
}
