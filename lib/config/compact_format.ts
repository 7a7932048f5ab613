/**
 * Writing segments back as a compact spec.
 *
 * @module
 */

import { parseCompact, type Segment } from "./compact.ts";
import { ConfigError } from "./errors.ts";
import { replacePlaceholders } from "./placeholders.ts";

/**
 * The compact spec that parses to these segments, quoted only where needed.
 *
 * The grammar has no escape for a backslash, so a few values have no compact form (those that need quotes and
 * end in a single backslash, for one): undefined then. The structured form of a file can hold them.
 *
 * @example
 * ```ts
 * import { formatCompact } from "./compact_format.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const properties = new Map([["target.ip", "::1"], ["target.port", "80"]]);
 * const segments = [{ kind: "identifier", text: "web" }, { kind: "properties", properties }] as const;
 * assertEquals(formatCompact(segments), 'web:target.ip="::1",target.port=80');
 * ```
 */
export function formatCompact(segments: readonly Segment[]): string | undefined {
  const spec = segments.map(formatSegment).join(":");
  return parsesTo(spec, segments) ? spec : undefined;
}

function formatSegment(segment: Segment): string {
  if (segment.kind === "identifier") return quoteIfNeeded(segment.text);
  const properties = [...segment.properties];
  return properties.map(([key, value]) => `${quoteIfNeeded(key)}=${value && quoteIfNeeded(value)}`).join(",");
}

function quoteIfNeeded(text: string): string {
  const bare = replacePlaceholders(text, () => "x");
  if (bare !== "" && bare === bare.trim() && !/[":,=]/.test(bare)) return text;
  return `"${text.replaceAll('"', '\\"')}"`;
}

function parsesTo(spec: string, segments: readonly Segment[]): boolean {
  try {
    return JSON.stringify(parseCompact(spec), mapsAsEntries) === JSON.stringify(segments, mapsAsEntries);
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}

function mapsAsEntries(_key: string, value: unknown): unknown {
  return value instanceof Map ? [...value] : value;
}
