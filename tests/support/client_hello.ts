/**
 * Writes ClientHello messages, to test what reads them.
 *
 * @module
 */

/** What a ClientHello is made of. */
export interface ClientHelloParts {
  /** The server name, as sent; none unless given. */
  readonly sni?: string;
  /** The application protocols; none unless given. */
  readonly alpn?: readonly string[];
  /** The supported versions; no such extension unless given. */
  readonly versions?: readonly number[];
  /** Further extensions, by type, before the others. */
  readonly extensions?: readonly (readonly [type: number, data: Uint8Array])[];
  /** The version field of the message; 0x0303 unless given. */
  readonly legacyVersion?: number;
  /** False to leave the extensions out, their length too. */
  readonly extended?: boolean;
}

/** Writes a ClientHello with its handshake header. */
export function clientHello(parts: ClientHelloParts = {}): Uint8Array {
  const body = clientHelloBody(parts);
  return Uint8Array.from([1, ...u24(body.length), ...body]);
}

/** Puts handshake bytes into TLS records of at most `size` bytes each. */
export function tlsRecords(
  handshake: Uint8Array,
  { size = 16_384 }: { readonly size?: number } = {},
): Uint8Array {
  const records: number[] = [];
  for (let at = 0; at < handshake.length; at += size) {
    const fragment = handshake.subarray(at, at + size);
    records.push(0x16, 3, 1, ...u16(fragment.length), ...fragment);
  }
  return Uint8Array.from(records);
}

/** Writes the data of a server_name extension. */
export function serverName(...names: readonly string[]): Uint8Array {
  const entries = names.flatMap((name) => [0, ...vector16(encode(name))]);
  return Uint8Array.from(vector16(entries));
}

function clientHelloBody({ legacyVersion = 0x0303, extended = true, ...parts }: ClientHelloParts): number[] {
  const random = Array.from({ length: 32 }, (_, i) => i);
  const fixed = [...u16(legacyVersion), ...random, 0, ...vector16([0x13, 0x01, 0x00, 0xff]), 1, 0];
  if (!extended) return fixed;
  const extensions = [...parts.extensions ?? []];
  if (parts.sni !== undefined) extensions.push([0, serverName(parts.sni)]);
  if (parts.alpn !== undefined) {
    const protocols = parts.alpn.flatMap((protocol) => [protocol.length, ...encode(protocol)]);
    extensions.push([16, Uint8Array.from(vector16(protocols))]);
  }
  if (parts.versions !== undefined) {
    const versions = parts.versions.flatMap(u16);
    extensions.push([43, Uint8Array.from([versions.length, ...versions])]);
  }
  return [
    ...fixed,
    ...vector16(extensions.flatMap(([type, data]) => [...u16(type), ...vector16([...data])])),
  ];
}

function vector16(values: readonly number[]): number[] {
  return [...u16(values.length), ...values];
}

function u16(value: number): number[] {
  return [value >> 8, value & 0xff];
}

function u24(value: number): number[] {
  return [value >> 16, ...u16(value & 0xffff)];
}

/** One byte a character, so that a test can write bytes that are no UTF-8. */
function encode(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}
