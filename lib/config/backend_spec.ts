/**
 * Backend specs: `name:protocol[:parameters]`.
 *
 * @module
 */

import { describeSurplus, parseCompact, type Segment } from "./compact.ts";
import { type Report, throwingReports } from "./errors.ts";
import { joinModuleUrl } from "./module_url.ts";
import { maskSpec } from "./secrets.ts";
import type { BackendSpec } from "./types.ts";

const SHAPE =
  'write name:protocol or name:protocol:key=value,…, and a value with ":", "," or "=" in double quotes';

/**
 * Reads a backend spec from its compact form. The protocol may be the URL or path of a module; a URL needs
 * quotes only where it has a `=` or `,`.
 *
 * @example
 * ```ts
 * import { parseBackendSpec } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseBackendSpec("web:pass:target.ip=127.0.0.1,target.port=3000"), {
 *   name: "web",
 *   protocol: "pass",
 *   parameters: { "target.ip": "127.0.0.1", "target.port": "3000" },
 * });
 * ```
 *
 * @throws {ConfigError} If the spec is malformed.
 */
export function parseBackendSpec(spec: string): BackendSpec {
  return throwingReports((report) => readBackendSpec(parseCompact(spec), report));
}

/** Reads a backend spec from its segments, or reports why there is none. */
export function readBackendSpec(segments: readonly Segment[], report: Report): BackendSpec | undefined {
  const fail = (problem: string) => report(`cannot read the backend spec: ${problem}; ${SHAPE}`);
  if (segments.length === 0) return void fail("it is empty");
  const [name, protocol, parameters, surplus] = joinModuleUrl(segments, 1);
  if (name?.kind !== "identifier") return void fail("it begins with parameters, not with a name");
  if (protocol?.kind !== "identifier" || protocol.text === "") {
    return void fail(`backend "${name.text}" has no protocol`);
  }
  if (parameters?.kind === "identifier") {
    return void fail(`found "${maskSpec(parameters.text)}" where the parameters of "${name.text}" belong`);
  }
  if (surplus) {
    return void fail(`found ${describeSurplus(parameters, surplus)} after the parameters of "${name.text}"`);
  }
  return {
    name: name.text,
    protocol: protocol.text,
    parameters: Object.fromEntries(parameters?.properties ?? []),
  };
}
