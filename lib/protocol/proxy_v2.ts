/**
 * Version 2 of the PROXY protocol: a binary header.
 *
 * @see "The PROXY protocol" section 2.2
 * @module
 */

import ipaddr from "ipaddr.js";
import { sameFamily } from "./address_family.ts";
import { comparePrefix, u16, u32 } from "./bytes.ts";
import { crc32c } from "./crc32c.ts";
import {
  NO_PROXY_HEADER,
  type ParsedProxyHeader,
  PARTIAL_PROXY_HEADER,
  type ProxyAddress,
  type ProxyAddresses,
  type ProxyTlvs,
} from "./proxy_header.ts";
import { encodeEmptyChecksum, encodeProxyTlvs, readProxyTlvs } from "./proxy_tlv.ts";

/** What a header of version 2 is made of. */
export interface ProxyV2Options extends ProxyAddresses {
  /** How the client is connected; TCP unless given. */
  readonly transport?: "tcp" | "udp";
  /** What else to tell. */
  readonly tlvs?: ProxyTlvs;
  /** True to add a checksum. */
  readonly checksum?: boolean;
}

const SIGNATURE = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a);
const COMMAND = SIGNATURE.length;
const FAMILY = COMMAND + 1;
const LENGTH = FAMILY + 1;
const FIXED = LENGTH + 2;

/** The most that a header may say, though its length could be 64 KiB: all addresses and vectors known fit well. */
const MAX_LENGTH = 16_384;

const LOCAL = 0x20;
const PROXY = 0x21;

/** Bytes of the addresses by family, which is the upper half of its byte: none, IPv4, IPv6 and Unix. */
const ADDRESS_LENGTHS = [0, 12, 36, 216];
const IPV4 = 1;
const IPV6 = 2;
const TRANSPORTS = [undefined, "tcp", "udp"] as const;

/** Parses a header of version 2. */
export function parseProxyV2(bytes: Uint8Array): ParsedProxyHeader {
  const signature = comparePrefix(bytes, SIGNATURE);
  if (signature !== "match") return signature === "mismatch" ? NO_PROXY_HEADER : PARTIAL_PROXY_HEADER;
  const command = bytes[COMMAND];
  if (command !== undefined && command !== LOCAL && command !== PROXY) return NO_PROXY_HEADER;
  const family = bytes[FAMILY];
  if (command === PROXY && family !== undefined && !isFamily(family)) return NO_PROXY_HEADER;
  if (bytes.length < FIXED) return PARTIAL_PROXY_HEADER;
  const end = FIXED + u16(bytes, LENGTH);
  const required = command === PROXY ? ADDRESS_LENGTHS[family! >> 4]! : 0;
  if (end > MAX_LENGTH || end < FIXED + required) return NO_PROXY_HEADER;
  if (bytes.length < end) return PARTIAL_PROXY_HEADER;
  if (command === LOCAL) {
    return { verdict: "match", header: { version: 2, command: "LOCAL", tlvs: {}, length: end } };
  }
  return parseProxied(bytes.subarray(0, end));
}

/**
 * Writes a header of version 2: `LOCAL` without both addresses. An IPv4 address beside an IPv6 one is mapped.
 * Throws when an address is no IP address.
 */
export function encodeProxyV2(options: ProxyV2Options): Uint8Array {
  const { source, destination, transport = "tcp", tlvs = {}, checksum = false } = options;
  const proxied = source !== undefined && destination !== undefined;
  const addresses = proxied ? encodeAddresses(source, destination) : { family: 0, bytes: [] };
  const family = proxied ? addresses.family << 4 | TRANSPORTS.indexOf(transport) : 0;
  const header = Uint8Array.from([
    ...SIGNATURE,
    ...[proxied ? PROXY : LOCAL, family, 0, 0],
    ...addresses.bytes,
    ...encodeProxyTlvs(tlvs),
    ...(checksum ? encodeEmptyChecksum() : []),
  ]);
  const view = new DataView(header.buffer);
  view.setUint16(LENGTH, header.length - FIXED);
  if (checksum) view.setUint32(header.length - 4, crc32c(header));
  return header;
}

function isFamily(family: number): boolean {
  return family >> 4 < ADDRESS_LENGTHS.length && (family & 0x0f) < TRANSPORTS.length;
}

function parseProxied(header: Uint8Array): ParsedProxyHeader {
  const family = header[FAMILY]! >> 4;
  const ip = family === IPV4 || family === IPV6;
  const vectors = header.subarray(FIXED + ADDRESS_LENGTHS[family]!);
  const read = readProxyTlvs(vectors);
  if (read === undefined) return NO_PROXY_HEADER;
  if (read.checksum !== undefined && !isIntact(header, read.checksum)) return NO_PROXY_HEADER;
  const transport = TRANSPORTS[header[FAMILY]! & 0x0f];
  const common = { version: 2, command: "PROXY", tlvs: read.tlvs, length: header.length } as const;
  if (!ip || transport === undefined) return { verdict: "match", header: common };
  return { verdict: "match", header: { ...common, transport, ...readAddresses(header, family) } };
}

/** The checksum is taken with zeros in its place. */
function isIntact(header: Uint8Array, checksum: Uint8Array): boolean {
  const copy = header.slice();
  copy.fill(
    0,
    checksum.byteOffset - header.byteOffset,
    checksum.byteOffset - header.byteOffset + checksum.length,
  );
  return crc32c(copy) === u32(checksum, 0);
}

function readAddresses(header: Uint8Array, family: number): ProxyAddresses {
  const size = family === IPV4 ? 4 : 16;
  const ports = FIXED + 2 * size;
  const read = (at: number, port: number): ProxyAddress => ({
    hostname: ipaddr.fromByteArray([...header.subarray(at, at + size)]).toString(),
    port: u16(header, port),
  });
  return { source: read(FIXED, ports), destination: read(FIXED + size, ports + 2) };
}

function encodeAddresses(
  source: ProxyAddress,
  destination: ProxyAddress,
): { readonly family: number; readonly bytes: readonly number[] } {
  const [from, to] = sameFamily(source.hostname, destination.hostname);
  const ports = [source.port, destination.port].flatMap((port) => [port >> 8, port & 0xff]);
  const family = from.kind() === "ipv4" ? IPV4 : IPV6;
  return { family, bytes: [...from.toByteArray(), ...to.toByteArray(), ...ports] };
}
