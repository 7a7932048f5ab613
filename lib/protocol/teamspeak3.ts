/**
 * TeamSpeak 3: the first datagram of the voice protocol's low-level handshake, whose MAC field holds the
 * literal `TS3INIT1` because no key is agreed yet.
 *
 * @module
 */

import { ascii, comparePrefix } from "./bytes.ts";
import type { Detector, Verdict } from "./detector.ts";
import { wholeDatagram } from "./verdict.ts";

const INIT_MAC = ascii("TS3INIT1");

/** Recognises a TeamSpeak 3 client by `TS3INIT1` at the start of its datagram. */
export const teamspeak3Detector: Detector = {
  name: "teamspeak3",
  transport: "udp",
  budget: INIT_MAC.length,
  detect,
};

function detect(bytes: Uint8Array): Verdict {
  return wholeDatagram(comparePrefix(bytes, INIT_MAC));
}
