/**
 * The structured form of backends, port bindings and health checks, turned into the segments that the
 * compact form would have: from there on there is one form only.
 *
 * @module
 */

import type { z } from "zod";
import type { Segment } from "./compact.ts";
import type { Report } from "./errors.ts";
import { BINDING_PARAMETERS } from "./binding_spec.ts";
import {
  backendMapping,
  bindingMapping,
  healthCheckMapping,
  namedBackendMapping,
  type Parameters,
  type ParameterValue,
} from "./file_schema.ts";
import { suggest } from "./nearest.ts";
import { maskValue } from "./secrets.ts";

const BINDING_KEYS = ["public", "local", "protocol", ...BINDING_PARAMETERS];
const PORT_WORDS = new Map([["auto", "?"], ["none", "!"]]);

/** The segments of a backend from a map of backends by name. */
export function backendSegments(
  mapping: unknown,
  { name, report }: { readonly name: string; readonly report: Report },
): Segment[] | undefined {
  const backend = validate(backendMapping, mapping, { report });
  if (!backend) return undefined;
  const { protocol, ...parameters } = backend;
  return withParameters([identifier(name), identifier(protocol)], { parameters, report });
}

/** The segments of a backend from a list, where it has its name beside its other keys. */
export function namedBackendSegments(mapping: unknown, report: Report): Segment[] | undefined {
  const backend = validate(namedBackendMapping, mapping, { report });
  if (!backend) return undefined;
  const { name, protocol, ...parameters } = backend;
  return withParameters([identifier(name), identifier(protocol)], { parameters, report });
}

/** The segments of a port binding. Without `public` nothing is mapped on the router. */
export function bindingSegments(mapping: unknown, report: Report): Segment[] | undefined {
  const binding = validate(bindingMapping, mapping, { report, keys: BINDING_KEYS });
  if (!binding) return undefined;
  const { public: publicPort = "none", local, protocol, ...parameters } = binding;
  const ports = [publicPort, local].map(String).map((port) => PORT_WORDS.get(port) ?? port);
  const names = protocol === undefined ? ports : [...ports, protocol];
  return withParameters(names.map(identifier), { parameters, report });
}

/** The segments of a health check. Without `protocol` it is for every protocol. */
export function healthCheckSegments(mapping: unknown, report: Report): Segment[] | undefined {
  const check = validate(healthCheckMapping, mapping, { report });
  if (!check) return undefined;
  const { protocol, backend, ...parameters } = check;
  const names = backend === undefined
    ? (protocol === undefined ? [] : [protocol])
    : [protocol ?? "", backend];
  return withParameters(names.map(identifier), { parameters, report });
}

function identifier(text: string): Segment {
  return { kind: "identifier", text };
}

function withParameters(
  segments: Segment[],
  { parameters, report }: { readonly parameters: Parameters; readonly report: Report },
): Segment[] {
  const properties = new Map<string, string>();
  for (const [key, value] of flatten(parameters, "")) {
    if (properties.has(key)) report(`${key} is given twice: as one key and as nested keys`);
    properties.set(key, valueText(value, { key, report }));
  }
  return properties.size === 0 ? segments : [...segments, { kind: "properties", properties }];
}

/** TOML makes nested tables of `target.ip = …`. */
function flatten(parameters: Parameters, prefix: string): [string, ParameterValue][] {
  return Object.entries(parameters).flatMap(([key, value]): [string, ParameterValue][] => {
    if (value === undefined) return [];
    if (typeof value === "object" && !Array.isArray(value)) return flatten(value, `${prefix}${key}.`);
    return [[`${prefix}${key}`, value]];
  });
}

function valueText(
  value: ParameterValue,
  { key, report }: { readonly key: string; readonly report: Report },
): string {
  if (!Array.isArray(value)) return String(value);
  const items = value.map(String);
  const open = items.find((item) => item.endsWith("\\"));
  if (open !== undefined) {
    report(`${key} has the element "${maskValue(key, open)}"; an element cannot end in a backslash`);
  }
  return items.map(protectSemicolons).join(";");
}

/** Matchers read `\;` as a semicolon that does not divide. */
function protectSemicolons(item: string): string {
  return item.replace(/\\[\s\S]|;/g, (found) => found === ";" ? "\\;" : found);
}

function validate<T>(
  schema: z.ZodType<T>,
  mapping: unknown,
  { report, keys = [] }: { readonly report: Report; readonly keys?: readonly string[] },
): T | undefined {
  const result = schema.safeParse(mapping);
  if (result.success) return result.data;
  const { issues } = result.error;
  for (const issue of issues) {
    const key = issue.path.join(".");
    if (issue.code === "unrecognized_keys") {
      for (const unknown of issue.keys) report(`"${unknown}" is unknown: ${suggest(unknown, keys)}`);
    } else if (key === "") {
      report("must be a mapping of keys to values");
    } else {
      const missing = !Object.hasOwn(mapping as object, issue.path[0]!);
      report(missing ? `${key} is missing; it ${issue.message}` : `${key} ${issue.message}`);
    }
  }
  const unknown = issues.flatMap((issue) => issue.code === "unrecognized_keys" ? issue.keys : []);
  if (issues.some(({ code }) => code !== "unrecognized_keys")) return undefined;
  // What the known keys say is looked at all the same.
  const rest = Object.entries(mapping as object).filter(([key]) => !unknown.includes(key));
  return validate(schema, Object.fromEntries(rest), { report, keys });
}
