/**
 * BitTorrent over UDP: the transport uTP (BEP 29), tracker connects (BEP 15) and the distributed hash table
 * (BEP 5).
 *
 * A tracker's announce and scrape requests carry only an id that the tracker chose: they cannot be told by
 * themselves, but they follow a connect of the same session.
 *
 * @module
 */

import { BencodeCursor } from "./bencode.ts";
import { ascii, comparePrefix, u16, u32 } from "./bytes.ts";
import type { Detector, Facts, Verdict } from "./detector.ts";

/** The protocol id, and action 0. */
const TRACKER_CONNECT = Uint8Array.of(0, 0, 4, 0x17, 0x27, 0x10, 0x19, 0x80, 0, 0, 0, 0);
/** A transaction id follows. */
const TRACKER_CONNECT_LENGTH = 16;

const UTP_HEADER_LENGTH = 20;
/** Version 1 in the lower four bits; the type is in the upper four. */
const UTP_DATA = 0x01;
const UTP_FIN = 0x11;
const UTP_STATE = 0x21;
const UTP_RESET = 0x31;
const UTP_SYN = 0x41;
/** Selective acknowledgement, and the extension bits and close reason that libtorrent and µTorrent send. */
const UTP_LAST_EXTENSION = 3;
const STUN_COOKIE = 0x2112a442;

const DICTIONARY = 0x64;
const END = 0x65;
const TRANSACTION_KEY = 0x74;
const KIND_KEY = 0x79;
/** Query, response, error. */
const DHT_KINDS = ascii("qre");

/**
 * Recognises a BitTorrent datagram: uTP, a tracker connect, or a message of the distributed hash table.
 *
 * Facts: `bittorrent.framing`, one of `utp`, `tracker`, `dht`.
 */
export const bittorrentUdpDetector: Detector = {
  name: "bittorrent",
  transport: "udp",
  budget: 0xffff,
  detect,
  facts,
};

function detect(bytes: Uint8Array): Verdict {
  return framing(bytes) === undefined ? "mismatch" : "match";
}

function facts(bytes: Uint8Array): Facts {
  const name = framing(bytes);
  return name === undefined ? {} : { "bittorrent.framing": name };
}

function framing(bytes: Uint8Array): "utp" | "tracker" | "dht" | undefined {
  if (isTrackerConnect(bytes)) return "tracker";
  if (isUtp(bytes)) return "utp";
  return isDht(bytes) ? "dht" : undefined;
}

function isTrackerConnect(bytes: Uint8Array): boolean {
  return bytes.length === TRACKER_CONNECT_LENGTH && comparePrefix(bytes, TRACKER_CONNECT) === "match";
}

/**
 * Whether a datagram is one of uTP. Its header has no magic number, so everything that is known of the fields is
 * asked for; a session may have been forgotten, so that its first packet seen here need not be a SYN.
 */
function isUtp(bytes: Uint8Array): boolean {
  if (bytes.length < UTP_HEADER_LENGTH || !isUtpType(bytes[0]!)) return false;
  // The clock could show STUN's cookie, but STUN's own responses begin like data.
  if (u32(bytes, 4) === STUN_COOKIE) return false;
  const payload = endOfUtpExtensions(bytes);
  if (payload === undefined) return false;
  const hasPayload = payload < bytes.length;
  if (bytes[0] === UTP_SYN) return !hasPayload && timestampDifference(bytes) === 0;
  return hasPayload === (bytes[0] === UTP_DATA) && isEstablishedUtp(bytes);
}

function isUtpType(byte: number): boolean {
  return byte === UTP_DATA || byte === UTP_FIN || byte === UTP_STATE || byte === UTP_RESET ||
    byte === UTP_SYN;
}

/** Connection known, a packet of the peer seen, and a receive window below 16 MiB: what tells uTP from DNS. */
function isEstablishedUtp(bytes: Uint8Array): boolean {
  return u16(bytes, 2) !== 0 && timestampDifference(bytes) !== 0 && bytes[12] === 0;
}

/** The difference between the clocks, unknown and so zero before the peer was heard. */
function timestampDifference(bytes: Uint8Array): number {
  return u32(bytes, 8);
}

/** The index after the chain of extensions, or undefined when it leads out of the datagram. */
function endOfUtpExtensions(bytes: Uint8Array): number | undefined {
  let extension = bytes[1]!;
  let at = UTP_HEADER_LENGTH;
  while (extension !== 0) {
    if (extension > UTP_LAST_EXTENSION || at + 2 > bytes.length) return undefined;
    extension = bytes[at]!;
    at += 2 + bytes[at + 1]!;
  }
  return at <= bytes.length ? at : undefined;
}

/** Whether a datagram is one bencoded dictionary with a transaction id `t` and a kind `y`. */
function isDht(bytes: Uint8Array): boolean {
  if (bytes[0] !== DICTIONARY || bytes[bytes.length - 1] !== END) return false;
  const cursor = new BencodeCursor(bytes);
  let hasTransaction = false;
  let hasKind = false;
  cursor.enterDictionary();
  while (!cursor.leave()) {
    const key = cursor.readString();
    if (key === undefined) return false;
    const letter = key.to - key.from === 1 ? bytes[key.from] : undefined;
    if (letter === KIND_KEY) {
      const kind = cursor.readString();
      hasKind = kind !== undefined && kind.to - kind.from === 1 && DHT_KINDS.includes(bytes[kind.from]!);
      if (!hasKind) return false;
    } else if (letter === TRANSACTION_KEY) {
      hasTransaction = cursor.readString() !== undefined;
      if (!hasTransaction) return false;
    } else if (!cursor.skipValue()) {
      return false;
    }
  }
  return hasTransaction && hasKind && cursor.atEnd;
}
