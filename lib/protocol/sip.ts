/**
 * SIP: a request line that ends in `SIP/2.0` (RFC 3261 section 7.1). Line ends before it are keep-alives and are
 * skipped (section 7.5).
 *
 * @module
 */

import { ascii } from "./bytes.ts";
import type { Detector, Facts, Verdict } from "./detector.ts";
import { MAXIMUM_REQUEST_LINE, readRequestLine, requestLineVerdict } from "./request_line.ts";
import { wholeDatagram, withinBudget } from "./verdict.ts";

const VERSIONS = [ascii("SIP/2.0")];
/** A client that pings while it waits sends one pair at a time; more than this is no SIP client. */
const MAXIMUM_KEEP_ALIVE = 16;
const CR = 0x0d;
const LF = 0x0a;

const detectStream = withinBudget(MAXIMUM_REQUEST_LINE, detect);

/**
 * Recognises a SIP client over TCP by its request line.
 *
 * Facts: `sip.method` and `sip.uri`.
 */
export const sipTcpDetector: Detector = {
  name: "sip",
  transport: "tcp",
  budget: MAXIMUM_REQUEST_LINE,
  detect: detectStream,
  facts,
};

/**
 * Recognises a SIP client over UDP by the request line of its datagram.
 *
 * Facts: `sip.method` and `sip.uri`.
 */
export const sipUdpDetector: Detector = {
  name: "sip",
  transport: "udp",
  budget: MAXIMUM_REQUEST_LINE,
  detect: (bytes) => wholeDatagram(detectStream(bytes)),
  facts,
};

function detect(bytes: Uint8Array): Verdict {
  return requestLineVerdict(bytes, { at: endOfKeepAlive(bytes), versions: VERSIONS });
}

function endOfKeepAlive(bytes: Uint8Array): number {
  const end = Math.min(bytes.length, MAXIMUM_KEEP_ALIVE);
  let at = 0;
  while (at < end && (bytes[at] === CR || bytes[at] === LF)) at++;
  return at;
}

function facts(bytes: Uint8Array): Facts {
  const { method, target } = readRequestLine(bytes, endOfKeepAlive(bytes));
  return { "sip.method": method, "sip.uri": target };
}
