/**
 * Version 1 of the PROXY protocol: one line of text.
 *
 * @see "The PROXY protocol" section 2.1
 * @module
 */

import ipaddr from "ipaddr.js";
import { sameFamily } from "./address_family.ts";
import { ascii, comparePrefix, isVisible, latin1 } from "./bytes.ts";
import {
  NO_PROXY_HEADER,
  type ParsedProxyHeader,
  PARTIAL_PROXY_HEADER,
  type ProxyAddress,
  type ProxyAddresses,
} from "./proxy_header.ts";

/** The longest line, its CRLF included. */
const MAX_LINE = 107;
const PREFIX = ascii("PROXY ");
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;

const LINE = /^PROXY (TCP[46]) ([0-9a-fA-F.:]+) ([0-9a-fA-F.:]+) (0|[1-9]\d{0,4}) (0|[1-9]\d{0,4})$/;
const UNKNOWN_LINE = /^PROXY UNKNOWN(?: |$)/;
const IPV4 = /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/;
const IPV6 = /^[0-9a-fA-F:]+$/;
const MAX_PORT = 65_535;

/** Parses a header of version 1. */
export function parseProxyV1(bytes: Uint8Array): ParsedProxyHeader {
  const prefix = comparePrefix(bytes, PREFIX);
  if (prefix !== "match") return prefix === "mismatch" ? NO_PROXY_HEADER : PARTIAL_PROXY_HEADER;
  const end = Math.min(bytes.length, MAX_LINE);
  for (let at = PREFIX.length; at < end; at++) {
    if (bytes[at] === CR) return at + 1 < end ? parseLine(bytes, at) : unfinished(bytes);
    if (bytes[at] !== SPACE && !isVisible(bytes[at]!)) return NO_PROXY_HEADER;
  }
  return unfinished(bytes);
}

/** Writes a header of version 1: `UNKNOWN` without both addresses. An IPv4 address beside an IPv6 one is mapped. */
export function encodeProxyV1({ source, destination }: ProxyAddresses): Uint8Array {
  if (source === undefined || destination === undefined) return ascii("PROXY UNKNOWN\r\n");
  const [from, to] = sameFamily(source.hostname, destination.hostname);
  const family = from.kind() === "ipv4" ? "TCP4" : "TCP6";
  return ascii(`PROXY ${family} ${from} ${to} ${source.port} ${destination.port}\r\n`);
}

function unfinished(bytes: Uint8Array): ParsedProxyHeader {
  return bytes.length < MAX_LINE ? PARTIAL_PROXY_HEADER : NO_PROXY_HEADER;
}

function parseLine(bytes: Uint8Array, end: number): ParsedProxyHeader {
  if (bytes[end + 1] !== LF) return NO_PROXY_HEADER;
  const text = latin1(bytes, { to: end });
  const length = end + 2;
  if (UNKNOWN_LINE.test(text)) {
    return { verdict: "match", header: { version: 1, command: "PROXY", tlvs: {}, length } };
  }
  const [, family, from = "", to = "", fromPort = "", toPort = ""] = LINE.exec(text) ?? [];
  const source = readAddress(from, { family, port: fromPort });
  const destination = readAddress(to, { family, port: toPort });
  if (source === undefined || destination === undefined) return NO_PROXY_HEADER;
  return {
    verdict: "match",
    header: { version: 1, command: "PROXY", transport: "tcp", source, destination, tlvs: {}, length },
  };
}

function readAddress(
  hostname: string,
  { family, port }: { readonly family: string | undefined; readonly port: string },
): ProxyAddress | undefined {
  if (Number(port) > MAX_PORT) return undefined;
  if (family === "TCP4") {
    return IPV4.test(hostname) && ipaddr.IPv4.isValid(hostname)
      ? { hostname, port: Number(port) }
      : undefined;
  }
  if (!IPV6.test(hostname) || !ipaddr.IPv6.isValid(hostname)) return undefined;
  return { hostname: ipaddr.IPv6.parse(hostname).toString(), port: Number(port) };
}
