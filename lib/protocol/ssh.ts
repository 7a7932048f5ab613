/**
 * SSH: the client's identification string (RFC 4253 section 4.2).
 *
 * A client that waits for the server's identification first sends nothing to detect.
 *
 * @module
 */

import { ascii, comparePrefix, indexOfByte, latin1 } from "./bytes.ts";
import type { Detector, Facts, Verdict } from "./detector.ts";
import { either } from "./verdict.ts";

const VERSION_2_0 = ascii("SSH-2.0-");
/** A client that speaks 2.0 and would fall back to 1.x (RFC 4253 section 5.1). */
const VERSION_1_99 = ascii("SSH-1.99-");
/** RFC 4253 section 4.2: at most 255 characters, CR LF included. */
const MAXIMUM_LINE = 255;
const CR = 0x0d;
const LF = 0x0a;

/**
 * Recognises an SSH client by `SSH-2.0-` or `SSH-1.99-`.
 *
 * Facts: `ssh.version`, the whole identification string without its line end, once that has arrived.
 *
 * @example
 * ```ts
 * import { sshDetector } from "./ssh.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("SSH-2.0-OpenSSH_9.2\r\n");
 * assertEquals(sshDetector.detect(bytes), "match");
 * assertEquals(sshDetector.facts?.(bytes), { "ssh.version": "SSH-2.0-OpenSSH_9.2" });
 * ```
 */
export const sshDetector: Detector = {
  name: "ssh",
  transport: "tcp",
  budget: VERSION_1_99.length,
  detect,
  facts,
  hasToldAll: (bytes) => bytes.length >= MAXIMUM_LINE || indexOfByte(bytes, LF) >= 0,
};

function detect(bytes: Uint8Array): Verdict {
  return either(comparePrefix(bytes, VERSION_2_0), comparePrefix(bytes, VERSION_1_99));
}

function facts(bytes: Uint8Array): Facts {
  const lineFeed = indexOfByte(bytes, LF, { to: MAXIMUM_LINE });
  if (lineFeed < 0) return {};
  const end = bytes[lineFeed - 1] === CR ? lineFeed - 1 : lineFeed;
  return { "ssh.version": latin1(bytes, { to: end }) };
}
