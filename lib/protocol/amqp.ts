/**
 * AMQP: the protocol header, eight bytes that every client sends first (AMQP 0-9-1 section 2.2.4, AMQP 1.0
 * part 2 section 2.2).
 *
 * @module
 */

import { ascii, comparePrefix } from "./bytes.ts";
import type { Detector, Facts, Verdict } from "./detector.ts";

const PROTOCOL = ascii("AMQP");
const HEADER_LENGTH = 8;

/** The four bytes after `AMQP`, and the fact that they stand for. */
const VERSIONS: readonly { readonly header: Uint8Array; readonly version: string }[] = [
  { header: Uint8Array.of(0, 0, 9, 1), version: "0-9-1" },
  { header: Uint8Array.of(1, 1, 0, 10), version: "0-10" },
  { header: Uint8Array.of(0, 1, 0, 0), version: "1.0" },
  // AMQP 1.0 behind a security layer of its own: protocol id 2 is TLS, 3 is SASL (part 5).
  { header: Uint8Array.of(2, 1, 0, 0), version: "1.0" },
  { header: Uint8Array.of(3, 1, 0, 0), version: "1.0" },
];

/**
 * Recognises an AMQP client of version 0-9-1, 0-10 or 1.0 (plain, TLS or SASL header).
 *
 * Facts: `amqp.version`.
 */
export const amqpDetector: Detector = {
  name: "amqp",
  transport: "tcp",
  budget: HEADER_LENGTH,
  detect,
  facts,
};

function detect(bytes: Uint8Array): Verdict {
  const protocol = comparePrefix(bytes, PROTOCOL);
  if (protocol !== "match") return protocol;
  let possible = false;
  for (const { header } of VERSIONS) {
    const verdict = comparePrefix(bytes, header, { at: PROTOCOL.length });
    if (verdict === "match") return "match";
    possible ||= verdict === "incomplete";
  }
  return possible ? "incomplete" : "mismatch";
}

function facts(bytes: Uint8Array): Facts {
  const known = VERSIONS.find(({ header }) =>
    comparePrefix(bytes, header, { at: PROTOCOL.length }) === "match"
  );
  return known === undefined ? {} : { "amqp.version": known.version };
}
