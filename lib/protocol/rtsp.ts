/**
 * RTSP: a request line that ends in `RTSP/1.0` (RFC 2326 section 6.1) or `RTSP/2.0` (RFC 7826 section 7.1).
 *
 * @module
 */

import { ascii } from "./bytes.ts";
import type { Detector, Facts, Verdict } from "./detector.ts";
import { MAXIMUM_REQUEST_LINE, readRequestLine, requestLineVerdict } from "./request_line.ts";
import { withinBudget } from "./verdict.ts";

const SHAPE = { at: 0, versions: [ascii("RTSP/1.0"), ascii("RTSP/2.0")] };

/**
 * Recognises an RTSP client by its request line.
 *
 * Facts: `rtsp.method` and `rtsp.uri`.
 */
export const rtspDetector: Detector = {
  name: "rtsp",
  transport: "tcp",
  budget: MAXIMUM_REQUEST_LINE,
  detect: withinBudget(MAXIMUM_REQUEST_LINE, detect),
  facts,
};

function detect(bytes: Uint8Array): Verdict {
  return requestLineVerdict(bytes, SHAPE);
}

function facts(bytes: Uint8Array): Facts {
  const { method, target } = readRequestLine(bytes, SHAPE.at);
  return { "rtsp.method": method, "rtsp.uri": target };
}
