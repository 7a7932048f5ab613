/**
 * HTTP/2 without TLS (prior knowledge): the detector, and the head of the first request.
 *
 * @see RFC 9113 sections 3.4 (preface), 4 (frames), 6.2 (HEADERS) and 8.3.1 (pseudo-header fields)
 * @module
 */

import { ascii, comparePrefix, u24, u32 } from "./bytes.ts";
import type { Detector, Facts, Verdict } from "./detector.ts";
import { decodeFirstHeaderBlock } from "./hpack.ts";
import type { HeaderField } from "./hpack_table.ts";
import {
  NO_REQUEST,
  type ParsedRequestHead,
  readAuthority,
  readTarget,
  REQUEST_HEAD_BUDGET,
  requestFacts,
} from "./request_head.ts";

const PREFACE = ascii("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

const FRAME_HEADER = 9;
const MAX_FRAME = 16_384;

const DATA = 0;
const HEADERS = 1;
const RST_STREAM = 3;
const SETTINGS = 4;
const PUSH_PROMISE = 5;
const CONTINUATION = 9;

const END_HEADERS = 0x04;
const PADDED = 0x08;
const PRIORITY = 0x20;
const PRIORITY_LENGTH = 5;

/** A frame of which at least the header is there. */
interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly start: number;
  readonly end: number;
}

/** The first header block as far as it has arrived. */
interface ParsedBlock {
  readonly verdict: Verdict;
  readonly block?: Uint8Array;
}

const NO_BLOCK: ParsedBlock = { verdict: "mismatch" };
const PARTIAL_BLOCK: ParsedBlock = { verdict: "incomplete" };

/** Recognises HTTP/2 by its connection preface. */
export const http2Detector: Detector = {
  name: "http2",
  transport: "tcp",
  budget: PREFACE.length,
  detect(bytes: Uint8Array): Verdict {
    return comparePrefix(bytes, PREFACE);
  },
  facts(bytes: Uint8Array): Facts {
    return requestFacts(parseHttp2RequestHead(bytes).head ?? {});
  },
};

/**
 * Reads the first request of an HTTP/2 connection from its first HEADERS frame. It is known all at once, or
 * not at all: a client may wait for the server's SETTINGS before it sends one.
 *
 * @example
 * ```ts
 * import { parseHttp2RequestHead } from "./http2.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseHttp2RequestHead(new TextEncoder().encode("PRI * HTTP/2.0")).verdict, "incomplete");
 * assertEquals(parseHttp2RequestHead(new TextEncoder().encode("PRI * HTTP/3.0")).verdict, "mismatch");
 * ```
 */
export function parseHttp2RequestHead(bytes: Uint8Array): ParsedRequestHead {
  const within = bytes.subarray(0, REQUEST_HEAD_BUDGET);
  const preface = comparePrefix(within, PREFACE);
  const { verdict, block } = preface === "match" ? readFirstHeaderBlock(within) : { verdict: preface };
  if (block !== undefined) return readHead(decodeFirstHeaderBlock(block));
  return verdict === "mismatch" || within.length === REQUEST_HEAD_BUDGET
    ? NO_REQUEST
    : { verdict: "incomplete", head: {} };
}

function readHead(fields: readonly HeaderField[] | undefined): ParsedRequestHead {
  const valueOf = (name: string): string | undefined => fields?.find((field) => field.name === name)?.value;
  const method = valueOf(":method");
  if (method === undefined) return NO_REQUEST;
  const authority = valueOf(":authority") ?? valueOf("host");
  const target = valueOf(":path") ?? authority;
  if (target === undefined) return NO_REQUEST;
  const named = authority === undefined ? {} : readAuthority(authority);
  return {
    verdict: "match",
    head: { method, target, version: "2", ...readTarget(method, target), ...named },
  };
}

/** The preface ends with a SETTINGS frame; then the frames that need no stream may come before the HEADERS. */
function readFirstHeaderBlock(bytes: Uint8Array): ParsedBlock {
  let at = PREFACE.length;
  let first = true;
  while (true) {
    if (bytes.length - at < FRAME_HEADER) return PARTIAL_BLOCK;
    const frame = readFrame(bytes, at);
    if (frame.end - frame.start > MAX_FRAME || first && frame.type !== SETTINGS) return NO_BLOCK;
    if (frame.type === HEADERS) return joinBlock(bytes, frame);
    if ([DATA, RST_STREAM, PUSH_PROMISE, CONTINUATION].includes(frame.type)) return NO_BLOCK;
    at = frame.end;
    first = false;
  }
}

function readFrame(bytes: Uint8Array, at: number): Frame {
  const start = at + FRAME_HEADER;
  const stream = u32(bytes, at + 5) & 0x7fff_ffff;
  return { type: bytes[at + 3]!, flags: bytes[at + 4]!, stream, start, end: start + u24(bytes, at) };
}

/** The block of a HEADERS frame and of the CONTINUATION frames after it. */
function joinBlock(bytes: Uint8Array, headers: Frame): ParsedBlock {
  if (headers.stream % 2 === 0) return NO_BLOCK;
  if (bytes.length < headers.end) return PARTIAL_BLOCK;
  const fragment = readFragment(bytes, headers);
  if (fragment === undefined) return NO_BLOCK;
  const block = new Uint8Array(bytes.length);
  block.set(fragment);
  let length = fragment.length;
  let last = headers;
  while ((last.flags & END_HEADERS) === 0) {
    if (bytes.length - last.end < FRAME_HEADER) return PARTIAL_BLOCK;
    last = readFrame(bytes, last.end);
    if (last.type !== CONTINUATION || last.stream !== headers.stream) return NO_BLOCK;
    if (bytes.length < last.end) return PARTIAL_BLOCK;
    block.set(bytes.subarray(last.start, last.end), length);
    length += last.end - last.start;
  }
  return { verdict: "match", block: block.subarray(0, length) };
}

/** What is left of a HEADERS frame without padding and priority; undefined when there is less than nothing. */
function readFragment(bytes: Uint8Array, frame: Frame): Uint8Array | undefined {
  const padded = (frame.flags & PADDED) !== 0;
  const padding = padded ? bytes[frame.start] ?? 0 : 0;
  const prefix = (padded ? 1 : 0) + ((frame.flags & PRIORITY) !== 0 ? PRIORITY_LENGTH : 0);
  const start = frame.start + prefix;
  const end = frame.end - padding;
  return start <= end ? bytes.subarray(start, end) : undefined;
}
