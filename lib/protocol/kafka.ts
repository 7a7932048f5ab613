/**
 * Kafka: the ApiVersions request that clients since 0.10 send first (Kafka protocol guide, request headers 1
 * and 2).
 *
 * @module
 */

import { u16, u32 } from "./bytes.ts";
import type { Detector, Facts, Verdict } from "./detector.ts";

const API_KEY_OFFSET = 4;
const API_VERSION_OFFSET = 6;
const CLIENT_ID_LENGTH_OFFSET = 12;
const CLIENT_ID_OFFSET = 14;
/** What the length does not count: itself. */
const LENGTH_FIELD = 4;
const API_VERSIONS = 18;
const LAST_API_VERSION = 4;
/** From this version on tagged fields, and the client's name and version, follow the client id. */
const FIRST_FLEXIBLE_VERSION = 3;
/** An empty tag buffer in the header, two compact strings and an empty tag buffer in the body. */
const MINIMUM_FLEXIBLE_BODY = 4;
/** Client ids and library names are short: room for some hundred bytes each. */
const MAXIMUM_LENGTH = 2047;
/** The length that stands for no client id. */
const NULL_LENGTH = 0xffff;

/**
 * Recognises a Kafka client by an ApiVersions request of version 0 to 4 whose lengths agree.
 *
 * Facts: `kafka.client-id`, once that has arrived.
 */
export const kafkaDetector: Detector = {
  name: "kafka",
  transport: "tcp",
  budget: CLIENT_ID_OFFSET,
  detect,
  facts,
  hasToldAll: (bytes) => bytes.length >= CLIENT_ID_OFFSET + clientIdLength(bytes),
};

function detect(bytes: Uint8Array): Verdict {
  const available = bytes.length;
  if (available > 0 && bytes[0] !== 0) return "mismatch";
  if (available > 1 && bytes[1] !== 0) return "mismatch";
  if (available > 2 && bytes[2]! > MAXIMUM_LENGTH >> 8) return "mismatch";
  if (available > 4 && bytes[API_KEY_OFFSET] !== 0) return "mismatch";
  if (available > 5 && bytes[API_KEY_OFFSET + 1] !== API_VERSIONS) return "mismatch";
  if (available > 6 && bytes[API_VERSION_OFFSET] !== 0) return "mismatch";
  if (available > 7 && bytes[API_VERSION_OFFSET + 1]! > LAST_API_VERSION) return "mismatch";
  if (available < CLIENT_ID_OFFSET) return "incomplete";
  return lengthsAgree(bytes) ? "match" : "mismatch";
}

function lengthsAgree(bytes: Uint8Array): boolean {
  const end = LENGTH_FIELD + u32(bytes, 0);
  const clientIdEnd = CLIENT_ID_OFFSET + clientIdLength(bytes);
  return u16(bytes, API_VERSION_OFFSET) < FIRST_FLEXIBLE_VERSION
    ? end === clientIdEnd
    : end >= clientIdEnd + MINIMUM_FLEXIBLE_BODY;
}

function clientIdLength(bytes: Uint8Array): number {
  const length = u16(bytes, CLIENT_ID_LENGTH_OFFSET);
  return length === NULL_LENGTH ? 0 : length;
}

function facts(bytes: Uint8Array): Facts {
  const end = CLIENT_ID_OFFSET + clientIdLength(bytes);
  if (end === CLIENT_ID_OFFSET || end > bytes.length) return {};
  return { "kafka.client-id": new TextDecoder().decode(bytes.subarray(CLIENT_ID_OFFSET, end)) };
}
