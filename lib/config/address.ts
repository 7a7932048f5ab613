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

/** Whether a text is a network (`10.0.0.0/8`, host bits may be set) or a single address. */
export function isNetwork(text: string): boolean {
  const [address, length, ...more] = text.split("/");
  if (more.length > 0 || parseAddress(address!) === undefined) return false;
  if (length === undefined) return true;
  return /^\d{1,3}$/.test(length) && Number(length) <= (address!.includes(":") ? 128 : 32);
}
