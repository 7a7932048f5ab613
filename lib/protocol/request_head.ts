/**
 * What a route may depend on in the head of an HTTP request, whatever its version.
 *
 * @see RFC 9110 section 7.2 (Host and :authority), RFC 9112 section 3.2 (forms of the target)
 * @module
 */

import type { Facts, Verdict } from "./detector.ts";

/** The head of an HTTP request, as far as it is known. */
export interface RequestHead {
  /** The method, as sent: it is case-sensitive. */
  readonly method?: string;
  /** The request target, as sent. */
  readonly target?: string;
  /** The path of the target, as sent, without query; undefined for CONNECT, `*` for the server itself. */
  readonly path?: string;
  /** The version: `1.0`, `1.1`, `2`. It is known once it is certain that this is HTTP. */
  readonly version?: string;
  /** Host and port as sent: from the target if that names them, else from the Host header. */
  readonly authority?: string;
  /** The host in lower case, without port and trailing dot; IPv6 in brackets. Undefined if there is no valid one. */
  readonly host?: string;
}

/** The head of a request as far as it has arrived. */
export interface ParsedRequestHead {
  /** `match` once nothing more will become known, `mismatch` if this is no HTTP request. */
  readonly verdict: Verdict;
  /** What is known; absent for a mismatch. What is there once never changes. */
  readonly head?: RequestHead;
}

/** The most bytes that are looked at to find the head's interesting parts. */
export const REQUEST_HEAD_BUDGET = 16_384;

/** The result for bytes that are no HTTP request. */
export const NO_REQUEST: ParsedRequestHead = Object.freeze({ verdict: "mismatch" });

const ABSOLUTE_FORM = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)([^?#]*)/i;
const AUTHORITY = /^(\[[0-9a-f:.]+\]|[a-z0-9._~!$&'()*+,;=%-]+)(?::\d*)?$/i;

/** What the target of a request says: the path and, if it names one, the authority. */
export function readTarget(method: string, target: string): RequestHead {
  if (method === "CONNECT") return readAuthority(target);
  const absolute = ABSOLUTE_FORM.exec(target);
  if (absolute === null) return { path: target.split(/[?#]/, 1)[0] };
  return { path: absolute[2] || "/", ...readAuthority(absolute[1]!) };
}

/** An authority, and the host in it if it is well-formed. */
export function readAuthority(authority: string): RequestHead {
  const host = AUTHORITY.exec(authority)?.[1]?.toLowerCase().replace(/\.$/, "");
  return host ? { authority, host } : { authority };
}

/** The facts of a request: `http.method`, `http.target`, `http.host`, as far as they are known. */
export function requestFacts({ method, target, host }: RequestHead): Facts {
  const facts: Record<string, string> = {};
  if (method !== undefined) facts["http.method"] = method;
  if (target !== undefined) facts["http.target"] = target;
  if (host !== undefined) facts["http.host"] = host;
  return facts;
}
