/**
 * MongoDB: the header of a client's first message (MongoDB wire protocol), which is `hello` in OP_MSG or, from
 * older clients and before the server's version is known, in OP_QUERY.
 *
 * @module
 */

import { comparePrefix, u32le } from "./bytes.ts";
import type { Detector, Verdict } from "./detector.ts";
import { either } from "./verdict.ts";

const HEADER_LENGTH = 16;
const RESPONSE_TO_OFFSET = 8;
/** A request answers nothing: responseTo 0, then the opcode, little-endian. */
const REQUEST_OP_MSG = Uint8Array.of(0, 0, 0, 0, 0xdd, 0x07, 0, 0);
const REQUEST_OP_QUERY = Uint8Array.of(0, 0, 0, 0, 0xd4, 0x07, 0, 0);
/** Header, flag bits, section kind and the smallest document. */
const MINIMUM_LENGTH = HEADER_LENGTH + 4 + 1 + 5;
/** A first message describes the client: it stays far below this power of two. */
const MAXIMUM_LENGTH = 0xfffff;

/** Recognises a MongoDB client by the header of an OP_MSG or OP_QUERY request. */
export const mongodbDetector: Detector = {
  name: "mongodb",
  transport: "tcp",
  budget: HEADER_LENGTH,
  detect,
};

function detect(bytes: Uint8Array): Verdict {
  const available = bytes.length;
  if (available > 2 && bytes[2]! > MAXIMUM_LENGTH >> 16) return "mismatch";
  if (available > 3 && bytes[3] !== 0) return "mismatch";
  if (available >= 4 && u32le(bytes, 0) < MINIMUM_LENGTH) return "mismatch";
  if (available <= RESPONSE_TO_OFFSET) return "incomplete";
  return either(
    comparePrefix(bytes, REQUEST_OP_MSG, { at: RESPONSE_TO_OFFSET }),
    comparePrefix(bytes, REQUEST_OP_QUERY, { at: RESPONSE_TO_OFFSET }),
  );
}
