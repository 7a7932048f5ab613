/**
 * IP addresses and networks as matchers compare them.
 *
 * @module
 */

import ipaddr from "ipaddr.js";
import { parseNetwork } from "../config/address.ts";

/** Says whether an IP address, as text, belongs to a network. */
export type NetworkTest = (address: string) => boolean;

/**
 * Compiles a network in CIDR notation or a bare address. Host bits are ignored. IPv4-mapped IPv6 addresses
 * count as IPv4; a network of one family never contains an address of the other.
 *
 * @throws {SyntaxError} if the text is neither.
 *
 * @example
 * ```ts
 * import { compileNetwork } from "./network.ts";
 * import { assert } from "@std/assert";
 *
 * assert(compileNetwork("10.0.0.1/8")("10.200.3.4"));
 * assert(!compileNetwork("10.0.0.0/8")("2001:db8::1"));
 * ```
 */
export function compileNetwork(source: string): NetworkTest {
  const network = parseNetwork(source);
  if (network === undefined) {
    throw new SyntaxError(
      `"${source}" is not an IP address or a network such as 10.0.0.0/8 or 2001:db8::/32`,
    );
  }
  const { address: expected, bits } = network;
  if (bits === expected.toByteArray().length * 8) {
    const normalized = expected.toNormalizedString();
    return (address) => address === normalized || parse(address)?.toNormalizedString() === normalized;
  }
  const range: [ipaddr.IPv4 | ipaddr.IPv6, number] = [expected, bits];
  return (address) => {
    const parsed = parse(address);
    return parsed !== undefined && parsed.kind() === expected.kind() &&
      parsed.match(range as [ipaddr.IPv4, number]);
  };
}

/** The IPv4 form of an IPv4-mapped IPv6 address; any other text as it is. */
export function unmapAddress(address: string): string {
  if (!address.startsWith("::ffff:")) return address;
  const rest = address.slice(7);
  return rest.includes(".") ? rest : parse(address)?.toString() ?? address;
}

function parse(address: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  const zone = address.indexOf("%");
  const bare = zone < 0 ? address : address.slice(0, zone);
  return isAddress(bare) ? ipaddr.process(bare) : undefined;
}

/** Whether a text is an address as systems write it; old forms such as `10.1` are none. */
function isAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
}
