/**
 * The head of an HTTP request, when the version does not matter.
 *
 * @module
 */

import { parseRequestHead } from "./http1.ts";
import { http2Detector, parseHttp2RequestHead } from "./http2.ts";
import type { ParsedRequestHead } from "./request_head.ts";

/**
 * Reads the head of an HTTP/1 request, or of the first HTTP/2 request of a client with prior knowledge.
 *
 * @example
 * ```ts
 * import { parseHttpRequestHead } from "./http.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("GET / HTTP/1.1\r\nHost: Example.com:80\r\n");
 * assertEquals(parseHttpRequestHead(bytes).head?.host, "example.com");
 * ```
 */
export function parseHttpRequestHead(bytes: Uint8Array): ParsedRequestHead {
  return http2Detector.detect(bytes) === "mismatch" ? parseRequestHead(bytes) : parseHttp2RequestHead(bytes);
}
