/**
 * Android Debug Bridge: the header of the CNXN message that a host sends first (Android's adb protocol.txt).
 *
 * @module
 */

import { ascii, comparePrefix, u32le } from "./bytes.ts";
import type { Detector, Verdict } from "./detector.ts";

const HEADER_LENGTH = 24;
const DATA_LENGTH_OFFSET = 12;
const MAGIC_OFFSET = 20;
const CONNECT = ascii("CNXN");
const CONNECT_MAGIC = CONNECT.map((byte) => ~byte);
/** The system identity string that follows, `host::features=…`, fits into the smallest maximum payload. */
const MAXIMUM_DATA = 4096;
/** Some hosts send a message of command 0 first: zeros, and their complement as its magic. */
const EMPTY_MESSAGE = Uint8Array.from({ length: HEADER_LENGTH }, (_, i) => i < MAGIC_OFFSET ? 0 : 0xff);

/** Recognises an ADB host by its CNXN message, or by one that follows an empty message. */
export const adbDetector: Detector = {
  name: "adb",
  transport: "tcp",
  budget: 2 * HEADER_LENGTH,
  detect,
};

function detect(bytes: Uint8Array): Verdict {
  if (bytes.length === 0) return "incomplete";
  if (bytes[0] === CONNECT[0]) return connectVerdict(bytes, 0);
  const empty = comparePrefix(bytes, EMPTY_MESSAGE);
  return empty === "match" ? connectVerdict(bytes, HEADER_LENGTH) : empty;
}

function connectVerdict(bytes: Uint8Array, at: number): Verdict {
  const command = comparePrefix(bytes, CONNECT, { at });
  if (command !== "match") return command;
  const lengthEnd = at + DATA_LENGTH_OFFSET + 4;
  if (bytes.length < lengthEnd) return "incomplete";
  if (u32le(bytes, at + DATA_LENGTH_OFFSET) > MAXIMUM_DATA) return "mismatch";
  if (bytes.length <= at + MAGIC_OFFSET) return "incomplete";
  return comparePrefix(bytes, CONNECT_MAGIC, { at: at + MAGIC_OFFSET });
}
