/**
 * SOCKS5: the method selection message that a client sends first (RFC 1928 section 3).
 *
 * @module
 */

import type { Detector, Verdict } from "./detector.ts";

const VERSION = 5;
const METHODS_OFFSET = 2;
const MAXIMUM_METHODS = 255;
/** The last method that IANA has assigned (JSON parameter block); up to 0x7f nobody uses the rest. */
const LAST_ASSIGNED_METHOD = 0x09;
const FIRST_PRIVATE_METHOD = 0x80;
/** What a server answers when it accepts none; a client never offers it. */
const NO_ACCEPTABLE_METHOD = 0xff;

/** Recognises a SOCKS5 client by version 5 and at least one method, all of them assigned or private. */
export const socks5Detector: Detector = {
  name: "socks5",
  transport: "tcp",
  budget: METHODS_OFFSET + MAXIMUM_METHODS,
  detect,
};

function detect(bytes: Uint8Array): Verdict {
  if (bytes.length > 0 && bytes[0] !== VERSION) return "mismatch";
  if (bytes.length < METHODS_OFFSET) return "incomplete";
  const end = METHODS_OFFSET + bytes[1]!;
  if (end === METHODS_OFFSET) return "mismatch";
  const available = Math.min(end, bytes.length);
  for (let i = METHODS_OFFSET; i < available; i++) {
    if (!isOfferable(bytes[i]!)) return "mismatch";
  }
  return available === end ? "match" : "incomplete";
}

function isOfferable(method: number): boolean {
  if (method <= LAST_ASSIGNED_METHOD) return true;
  return method >= FIRST_PRIVATE_METHOD && method < NO_ACCEPTABLE_METHOD;
}
