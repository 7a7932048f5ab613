/**
 * BitTorrent over TCP: the peer wire handshake (BEP 3). An encrypted handshake (MSE) is noise by design and
 * cannot be detected.
 *
 * @module
 */

import { ascii, comparePrefix, hex } from "./bytes.ts";
import type { Detector, Facts, Verdict } from "./detector.ts";

const PROTOCOL = Uint8Array.of(19, ...ascii("BitTorrent protocol"));
/** After the protocol come eight reserved bytes. */
const INFO_HASH_OFFSET = PROTOCOL.length + 8;
const PEER_ID_OFFSET = INFO_HASH_OFFSET + 20;
const HANDSHAKE_LENGTH = PEER_ID_OFFSET + 20;

/**
 * Recognises a BitTorrent peer by the first 20 bytes of its handshake; a client may wait for an answer before it
 * sends its peer id.
 *
 * Facts, in hexadecimal and once they have arrived: `bittorrent.info-hash` and `bittorrent.peer-id`.
 *
 * @example
 * ```ts
 * import { bittorrentTcpDetector } from "./bittorrent.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("\x13BitTorrent protocol");
 * assertEquals(bittorrentTcpDetector.detect(bytes), "match");
 * ```
 */
export const bittorrentTcpDetector: Detector = {
  name: "bittorrent",
  transport: "tcp",
  budget: PROTOCOL.length,
  detect,
  facts,
  hasToldAll: (bytes) => bytes.length >= HANDSHAKE_LENGTH,
};

function detect(bytes: Uint8Array): Verdict {
  return comparePrefix(bytes, PROTOCOL);
}

function facts(bytes: Uint8Array): Facts {
  if (bytes.length < PEER_ID_OFFSET) return {};
  const infoHash = { "bittorrent.info-hash": hex(bytes, { from: INFO_HASH_OFFSET, to: PEER_ID_OFFSET }) };
  if (bytes.length < HANDSHAKE_LENGTH) return infoHash;
  return { ...infoHash, "bittorrent.peer-id": hex(bytes, { from: PEER_ID_OFFSET, to: HANDSHAKE_LENGTH }) };
}
