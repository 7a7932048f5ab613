/**
 * IP addresses and networks in configuration values.
 *
 * @module
 */

import ipaddr from "ipaddr.js";

/** An IP address in its canonical form (RFC 5952 for IPv6), or undefined if the text is none. */
export function parseAddress(text: string): string | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return text;
  return ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text).toString() : undefined;
}

/** A network: those addresses of a family whose first bits are those of one address. */
export interface Network {
  /** One of its addresses, which may have host bits. */
  readonly address: ipaddr.IPv4 | ipaddr.IPv6;
  /** How many bits they have in common. */
  readonly bits: number;
}

/** Bits in front of the address in an IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2). */
const MAPPED_BITS = 96;

/**
 * A network (`10.0.0.0/8`, host bits may be set) or a single address, or undefined if the text is none. One of
 * IPv4-mapped IPv6 addresses is one of IPv4.
 *
 * @example
 * ```ts
 * import { parseNetwork } from "./address.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { address, bits } = parseNetwork("::ffff:10.0.0.0/104")!;
 * assertEquals(`${address}/${bits}`, "10.0.0.0/8");
 * assertEquals(parseNetwork("10.0.0.0/33"), undefined);
 * ```
 */
export function parseNetwork(text: string): Network | undefined {
  const [address, length, ...more] = text.split("/");
  const canonical = address!.includes("%") ? undefined : parseAddress(address!);
  if (canonical === undefined || more.length > 0) return undefined;
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return undefined;
  const parsed = ipaddr.parse(canonical);
  const longest = parsed.kind() === "ipv4" ? 32 : 128;
  const bits = length === undefined ? longest : Number(length);
  if (bits > longest) return undefined;
  if (!(parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress())) return { address: parsed, bits };
  if (bits < MAPPED_BITS) return undefined;
  return { address: parsed.toIPv4Address(), bits: bits - MAPPED_BITS };
}

/** An address as it stands before a port: `[::1]`. */
export function hostOf(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

/** An address and port as URLs and Deno write them: `[::1]:80`; `?` for a port that is still to be chosen. */
export function hostAndPort(address: string, port: number | "auto"): string {
  return `${hostOf(address)}:${port === "auto" ? "?" : port}`;
}
