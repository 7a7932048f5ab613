/**
 * Module URLs in compact specs: their colons need no quotes where nothing else can be meant.
 *
 * @module
 */

import type { Segment } from "./compact.ts";

/** Whether a backend's protocol is the URL or path of a module, and not a short name. */
export function isModuleUrl(protocol: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(protocol) || /^\.{0,2}\//.test(protocol);
}

/** What must follow a scheme and its colon for the two to be one URL. */
const AFTER_SCHEME: Readonly<Record<string, RegExp>> = {
  https: /^\/\/./,
  http: /^\/\/./,
  file: /^\/\/./,
  jsr: /^\/?@/,
  npm: /^\/?[@\w]/,
};
const USER_ONLY = /^https?:\/\/[^/@]+$/;
const PASSWORD_AND_HOST = /^[^/@]*@./;
const HOST_ONLY = /^https?:\/\/[^/]+$/;
const PORT_AND_PATH = /^\d{1,5}(\/|$)/;

/**
 * Joins the segments that make up a URL beginning at `index`: `https`, `//host`, `8443/a.ts` are one.
 * All other segments stay as they are.
 */
export function joinModuleUrl(segments: readonly Segment[], index: number): Segment[] {
  const scheme = identifierAt(segments, index);
  const rest = identifierAt(segments, index + 1);
  const pattern = Object.hasOwn(AFTER_SCHEME, scheme ?? "") ? AFTER_SCHEME[scheme!] : undefined;
  if (rest === undefined || !pattern?.test(rest)) return [...segments];
  let url = `${scheme}:${rest}`;
  let end = index + 2;
  const password = identifierAt(segments, end);
  if (password !== undefined && USER_ONLY.test(url) && PASSWORD_AND_HOST.test(password)) {
    url += `:${password}`;
    end++;
  }
  const port = identifierAt(segments, end);
  if (port !== undefined && HOST_ONLY.test(url) && PORT_AND_PATH.test(port)) {
    url += `:${port}`;
    end++;
  }
  return [...segments.slice(0, index), { kind: "identifier", text: url }, ...segments.slice(end)];
}

/** The identifier at a place, or undefined if there is a property list or nothing. */
export function identifierAt(segments: readonly Segment[], index: number): string | undefined {
  const segment = segments[index];
  return segment?.kind === "identifier" ? segment.text : undefined;
}
