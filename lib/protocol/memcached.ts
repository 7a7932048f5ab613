/**
 * Memcached over TCP: a command line of the text or meta protocol (memcached's doc/protocol.txt), or the request
 * header of the binary protocol (its doc/protocol-binary).
 *
 * @module
 */

import { ascii, comparePrefix, isVisible, u16, u32 } from "./bytes.ts";
import type { Detector, Verdict } from "./detector.ts";
import { either, withinBudget } from "./verdict.ts";

/** A `get` of many keys makes a long line; longer ones are no first command. */
const MAXIMUM_LINE = 8192;
const SPACE = 0x20;
const CR = 0x0d;
const LF = 0x0a;

interface Command {
  readonly verb: Uint8Array;
  readonly minimum: number;
  readonly maximum: number;
}

/**
 * The commands and how many arguments they take. `quit` and `shutdown` are left out: nobody begins with them, and
 * other text protocols know them too.
 */
const ARGUMENTS: Readonly<Record<string, { readonly minimum: number; readonly maximum: number }>> = {
  get: { minimum: 1, maximum: Infinity },
  gets: { minimum: 1, maximum: Infinity },
  gat: { minimum: 2, maximum: Infinity },
  gats: { minimum: 2, maximum: Infinity },
  set: { minimum: 4, maximum: 5 },
  add: { minimum: 4, maximum: 5 },
  replace: { minimum: 4, maximum: 5 },
  append: { minimum: 4, maximum: 5 },
  prepend: { minimum: 4, maximum: 5 },
  cas: { minimum: 5, maximum: 6 },
  delete: { minimum: 1, maximum: 3 },
  incr: { minimum: 2, maximum: 3 },
  decr: { minimum: 2, maximum: 3 },
  touch: { minimum: 2, maximum: 3 },
  stats: { minimum: 0, maximum: 3 },
  version: { minimum: 0, maximum: 0 },
  verbosity: { minimum: 1, maximum: 2 },
  flush_all: { minimum: 0, maximum: 2 },
  mg: { minimum: 1, maximum: Infinity },
  ms: { minimum: 2, maximum: Infinity },
  md: { minimum: 1, maximum: Infinity },
  ma: { minimum: 1, maximum: Infinity },
  me: { minimum: 1, maximum: 2 },
  mn: { minimum: 0, maximum: 0 },
};

const COMMANDS: readonly Command[] = Object.entries(ARGUMENTS).map(([verb, { minimum, maximum }]) => ({
  verb: ascii(verb),
  minimum,
  maximum,
}));

/** Protocols whose request line may begin with one of the verbs, because a method is any token. */
const OTHER_PROTOCOLS: readonly Uint8Array[] = [ascii("HTTP/"), ascii("SIP/"), ascii("RTSP/")];

const BINARY_REQUEST = 0x80;
const BINARY_HEADER_LENGTH = 24;
const LAST_OPCODE = 0x26;
const MAXIMUM_KEY = 250;
const MAXIMUM_EXTRAS = 20;
/** The default limit of an item, and some room for its key and extras. */
const MAXIMUM_BODY = 0x0fffff + MAXIMUM_KEY + MAXIMUM_EXTRAS;

/** Recognises a memcached client by its first command, text or binary. */
export const memcachedDetector: Detector = {
  name: "memcached",
  transport: "tcp",
  budget: MAXIMUM_LINE,
  detect: withinBudget(MAXIMUM_LINE, detect),
};

function detect(bytes: Uint8Array): Verdict {
  if (bytes.length === 0) return "incomplete";
  if (bytes[0] === BINARY_REQUEST) return binaryVerdict(bytes);
  let verdict: Verdict = "mismatch";
  for (const known of COMMANDS) {
    if (bytes[0] === known.verb[0]) verdict = either(verdict, commandVerdict(bytes, known));
  }
  return verdict;
}

function commandVerdict(bytes: Uint8Array, { verb, minimum, maximum }: Command): Verdict {
  const compared = comparePrefix(bytes, verb);
  if (compared !== "match") return compared;
  let words = 0;
  let at = verb.length;
  while (at < bytes.length && bytes[at] === SPACE) {
    const wordEnd = endOfWord(bytes, at + 1);
    if (wordEnd > at + 1) words++;
    if (words > maximum || belongsToOther(bytes, at + 1)) return "mismatch";
    at = wordEnd;
  }
  if (at >= bytes.length) return "incomplete";
  return words < minimum ? "mismatch" : lineEndVerdict(bytes, at);
}

function belongsToOther(bytes: Uint8Array, at: number): boolean {
  for (const version of OTHER_PROTOCOLS) {
    if (comparePrefix(bytes, version, { at }) === "match") return true;
  }
  return false;
}

function endOfWord(bytes: Uint8Array, at: number): number {
  let i = at;
  // Keys may hold anything but spaces and control characters.
  while (i < bytes.length && (isVisible(bytes[i]!) || bytes[i]! >= 0x80)) i++;
  return i;
}

function lineEndVerdict(bytes: Uint8Array, at: number): Verdict {
  if (bytes[at] === LF) return "match";
  if (bytes[at] !== CR) return "mismatch";
  if (at + 1 >= bytes.length) return "incomplete";
  return bytes[at + 1] === LF ? "match" : "mismatch";
}

function binaryVerdict(bytes: Uint8Array): Verdict {
  const available = bytes.length;
  if (available > 1 && bytes[1]! > LAST_OPCODE) return "mismatch";
  if (available > 3 && u16(bytes, 2) > MAXIMUM_KEY) return "mismatch";
  if (available > 4 && bytes[4]! > MAXIMUM_EXTRAS) return "mismatch";
  // The data type is reserved: always zero.
  if (available > 5 && bytes[5] !== 0) return "mismatch";
  if (available > 11 && !bodyHasRoom(bytes)) return "mismatch";
  return available < BINARY_HEADER_LENGTH ? "incomplete" : "match";
}

function bodyHasRoom(bytes: Uint8Array): boolean {
  const body = u32(bytes, 8);
  return body >= u16(bytes, 2) + bytes[4]! && body <= MAXIMUM_BODY;
}
