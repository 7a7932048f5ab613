/**
 * Matchers over the client's first bytes: protocols, server names, requests, and plain bytes.
 *
 * @module
 */

import type { Verdict } from "../protocol/detector.ts";
import type { RequestHead } from "../protocol/request_head.ts";
import { serverSpeaksFirst } from "../protocol/silent.ts";
import { detectorNames, detectorTable } from "../protocol/table.ts";
import { compileHexPrefix, compilePayload } from "./byte_pattern.ts";
import { firstMatch } from "./facts.ts";
import type { Inspection } from "./inspection.ts";
import type { MatcherKind, Test } from "./matcher_kind.ts";
import { compileHostPattern, compilePattern, type Pattern } from "./pattern.ts";

/** The matchers by name. */
export const payloadMatchers: readonly (readonly [string, MatcherKind])[] = [
  ["detect", detectTest],
  ["sni", (value) => helloTest(compileHostPattern(value), ({ sni }) => sni === undefined ? [] : [sni])],
  ["postgres.sni", (value) => postgresTest(compileHostPattern(value))],
  ["alpn", (value) => helloTest(compilePattern(value), ({ alpn }) => alpn)],
  ["http.method", (value) => requestTest(compilePattern(value), ({ method }) => method)],
  ["http.path", (value) => requestTest(compilePattern(value), ({ path }) => path, ({ target }) => target)],
  [
    "http.host",
    (value) => requestTest(compileHostPattern(value), ({ host }) => host, ({ authority }) => authority),
  ],
  ["payload", (value) => byteTest(compilePayload(value))],
  ["payload-hex", (value) => byteTest(compileHexPrefix(value))],
];

function detectTest(value: string): Test {
  const name = value.toLowerCase();
  const detectors = detectorTable.get(name) ?? [];
  if (detectors.length === 0) {
    const why = serverSpeaksFirst.includes(name)
      ? "cannot be detected, because its server speaks first: order that backend last, without detect"
      : "is not a protocol that can be detected";
    throw new SyntaxError(`"${value}" ${why}; known are ${detectorNames.join(", ")}`);
  }
  const tcp = detectors.filter(({ transport }) => transport === "tcp");
  const udp = detectors.filter(({ transport }) => transport === "udp");
  return (inspection) => firstMatch(inspection, inspection.networkProtocol === "tcp" ? tcp : udp);
}

type Hello = NonNullable<ReturnType<Inspection["clientHello"]>["hello"]>;

/** A hello without the value fits no pattern. */
function helloTest(fits: Pattern, values: (hello: Hello) => readonly string[]): Test {
  return (inspection) => {
    const { verdict, hello } = inspection.clientHello();
    if (verdict !== "match" || hello === undefined) return verdict;
    return values(hello).some(fits) ? "match" : "mismatch";
  };
}

/** The server name that a PostgreSQL client asks for, which needs an answer to its request for TLS first. */
function postgresTest(fits: Pattern): Test {
  return (inspection) => {
    if (inspection.networkProtocol !== "tcp") return "mismatch";
    const { verdict, hello } = inspection.postgresHello();
    if (verdict !== "match") return verdict;
    return hello?.sni !== undefined && fits(hello.sni) ? "match" : "mismatch";
  };
}

/**
 * Decides as soon as the value is known, which for method and path is long before the head is whole; but
 * that it is HTTP at all is certain only with the version.
 */
function requestTest(fits: Pattern, ...readers: ((head: RequestHead) => string | undefined)[]): Test {
  return (inspection) => {
    const { verdict, head } = inspection.requestHead();
    if (head !== undefined) {
      const values = readers.map((read) => read(head)).filter((it) => it !== undefined);
      if (values.some(fits)) return head.version === undefined ? verdict : "match";
      if (values.length > 0) return "mismatch";
    }
    return verdict === "match" ? "mismatch" : verdict;
  };
}

function byteTest(judge: (bytes: Uint8Array) => Verdict): Test {
  return ({ bytes }) => judge(bytes);
}
