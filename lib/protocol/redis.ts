/**
 * Redis: a command as an array of bulk strings (the RESP protocol), or the inline command `PING`.
 *
 * @module
 */

import { ascii, comparePrefix, isDigit } from "./bytes.ts";
import type { Detector, Verdict } from "./detector.ts";
import { either } from "./verdict.ts";

const ASTERISK = 0x2a;
const ZERO = 0x30;
const END_AND_BULK = ascii("\r\n$");
/** Redis accepts up to 1048576 elements in one command. */
const MAXIMUM_DIGITS = 7;
const INLINE_PING = ascii("PING\r\n");
/** What telnet and nc send. */
const INLINE_PING_BARE = ascii("PING\n");

/** Recognises a Redis client by `*` digits CRLF `$`, or by a line with `PING` alone. */
export const redisDetector: Detector = {
  name: "redis",
  transport: "tcp",
  budget: 1 + MAXIMUM_DIGITS + END_AND_BULK.length,
  detect,
};

function detect(bytes: Uint8Array): Verdict {
  if (bytes.length === 0) return "incomplete";
  if (bytes[0] === ASTERISK) return commandArray(bytes);
  return either(comparePrefix(bytes, INLINE_PING), comparePrefix(bytes, INLINE_PING_BARE));
}

function commandArray(bytes: Uint8Array): Verdict {
  if (bytes.length > 1 && bytes[1] === ZERO) return "mismatch";
  let at = 1;
  while (at < bytes.length && at <= MAXIMUM_DIGITS && isDigit(bytes[at]!)) at++;
  if (at >= bytes.length) return "incomplete";
  return at === 1 ? "mismatch" : comparePrefix(bytes, END_AND_BULK, { at });
}
