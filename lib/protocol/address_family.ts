/**
 * IP addresses that have to be written side by side.
 *
 * @module
 */

import ipaddr from "ipaddr.js";

/**
 * Parses two addresses into one family: an IPv4 address beside an IPv6 one becomes an IPv4-mapped one. Throws
 * when one is no IP address.
 *
 * @example
 * ```ts
 * import { sameFamily } from "./address_family.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const [source] = sameFamily("192.0.2.1", "2001:db8::1");
 * assertEquals(source.toString(), "::ffff:c000:201");
 * ```
 */
export function sameFamily(
  source: string,
  destination: string,
): readonly [ipaddr.IPv4 | ipaddr.IPv6, ipaddr.IPv4 | ipaddr.IPv6] {
  const pair = [ipaddr.parse(source), ipaddr.parse(destination)] as const;
  if (pair[0].kind() === pair[1].kind()) return pair;
  const [from, to] = pair.map((address) =>
    address instanceof ipaddr.IPv4 ? address.toIPv4MappedAddress() : address
  );
  return [from!, to!];
}
