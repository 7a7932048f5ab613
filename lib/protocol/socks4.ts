/**
 * SOCKS4 and SOCKS4a: the request that a client sends first (the SOCKS 4 protocol memo, and its 4A extension).
 *
 * @module
 */

import { indexOfByte, latin1, u16, u32 } from "./bytes.ts";
import type { Detector, Facts, Verdict } from "./detector.ts";

const VERSION = 4;
const CONNECT = 1;
const BIND = 2;
const PORT_OFFSET = 2;
const ADDRESS_OFFSET = 4;
const USER_OFFSET = 8;
/** Neither a user id nor a host name is longer. */
const MAXIMUM_TEXT = 255;
const NUL = 0;

/**
 * Recognises a SOCKS4 or SOCKS4a client by its whole request. A request for port 0 or for address 0.0.0.0 is not
 * taken for one: it asks for nothing, and other protocols begin like it.
 *
 * Facts: `socks4.version` (`4` or `4a`), `socks4.target` (`host:port`), and `socks4.user` unless it is empty.
 */
export const socks4Detector: Detector = {
  name: "socks4",
  transport: "tcp",
  budget: USER_OFFSET + 2 * (MAXIMUM_TEXT + 1),
  detect,
  facts,
};

function detect(bytes: Uint8Array): Verdict {
  const available = bytes.length;
  if (available > 0 && bytes[0] !== VERSION) return "mismatch";
  if (available > 1 && bytes[1] !== CONNECT && bytes[1] !== BIND) return "mismatch";
  if (available >= ADDRESS_OFFSET && u16(bytes, PORT_OFFSET) === 0) return "mismatch";
  if (available < USER_OFFSET) return "incomplete";
  if (u32(bytes, ADDRESS_OFFSET) === 0) return "mismatch";

  const user = textVerdict(bytes, USER_OFFSET);
  if (user !== "match" || !namesHost(bytes)) return user;
  const hostOffset = endOfText(bytes, USER_OFFSET) + 1;
  if (hostOffset < available && bytes[hostOffset] === NUL) return "mismatch";
  return textVerdict(bytes, hostOffset);
}

/** Whether the address is 0.0.0.x, the mark of a host name after the user id. */
function namesHost(bytes: Uint8Array): boolean {
  return u32(bytes, ADDRESS_OFFSET) < 0x100;
}

/** Judges a NUL-terminated text: no control characters, and no longer than such a text gets. */
function textVerdict(bytes: Uint8Array, from: number): Verdict {
  const limit = from + MAXIMUM_TEXT;
  for (let i = from; i < bytes.length; i++) {
    if (bytes[i] === NUL) return "match";
    if (bytes[i]! < 0x20 || i === limit) return "mismatch";
  }
  return "incomplete";
}

function endOfText(bytes: Uint8Array, from: number): number {
  return indexOfByte(bytes, NUL, { from });
}

function facts(bytes: Uint8Array): Facts {
  const userEnd = endOfText(bytes, USER_OFFSET);
  const user = latin1(bytes, { from: USER_OFFSET, to: userEnd });
  const port = u16(bytes, PORT_OFFSET);
  const host = namesHost(bytes)
    ? latin1(bytes, { from: userEnd + 1, to: endOfText(bytes, userEnd + 1) })
    : bytes.subarray(ADDRESS_OFFSET, USER_OFFSET).join(".");
  return {
    "socks4.version": namesHost(bytes) ? "4a" : "4",
    "socks4.target": `${host}:${port}`,
    ...(user === "" ? {} : { "socks4.user": user }),
  };
}
