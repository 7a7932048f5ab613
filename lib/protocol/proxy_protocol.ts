/**
 * The PROXY protocol: how a proxy tells the server who its client is.
 *
 * @see "The PROXY protocol", versions 1 and 2, by Willy Tarreau
 * @module
 */

import type { ParsedProxyHeader } from "./proxy_header.ts";
import { parseProxyV1 } from "./proxy_v1.ts";
import { parseProxyV2 } from "./proxy_v2.ts";

export type {
  ParsedProxyHeader,
  ProxyAddress,
  ProxyAddresses,
  ProxyHeader,
  ProxySsl,
  ProxyTlvs,
} from "./proxy_header.ts";
export { encodeProxyV1 } from "./proxy_v1.ts";
export { encodeProxyV2, type ProxyV2Options } from "./proxy_v2.ts";

const FIRST_OF_V1 = 0x50;

/**
 * Parses a header of either version, and nothing that deviates from the specification. Believe it only from
 * peers that are trusted to tell the truth.
 *
 * @example
 * ```ts
 * import { encodeProxyV2, parseProxyHeader } from "./proxy_protocol.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const source = { hostname: "192.0.2.1", port: 40000 };
 * const destination = { hostname: "192.0.2.2", port: 443 };
 * const bytes = encodeProxyV2({ source, destination, tlvs: { authority: "example.com" } });
 * const { header } = parseProxyHeader(bytes);
 * assertEquals(header?.source, source);
 * assertEquals(header?.tlvs.authority, "example.com");
 * assertEquals(header?.length, bytes.length);
 * ```
 */
export function parseProxyHeader(bytes: Uint8Array): ParsedProxyHeader {
  return bytes[0] === FIRST_OF_V1 ? parseProxyV1(bytes) : parseProxyV2(bytes);
}
