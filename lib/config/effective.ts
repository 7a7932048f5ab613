/**
 * The configuration that came out of all layers, as it may be shown: canonical, with every value's place, and
 * without secrets. A value that a variable decides is shown as its placeholder.
 *
 * @module
 */

import { stringify } from "@std/yaml";
import { parseCompact, type Segment } from "./compact.ts";
import { configValue } from "./config_values.ts";
import { formatCompact } from "./compact_format.ts";
import type { GivenValue } from "./layers.ts";
import type { LoadedConfig, Setting } from "./load_config.ts";
import { fileKey, type ListElement, type ListOption } from "./option_table.ts";
import { isPlaceholder, placeholderNames } from "./placeholders.ts";
import { maskSpec, maskUrls, maskValue } from "./secrets.ts";

/** A value as it may be shown: what a file could say for it. */
export type ShownValue = string | number | boolean | Readonly<Record<string, string>>;

/** One value and its place. */
export interface EffectiveValue {
  /** The value; secrets are masked. */
  readonly shown: ShownValue;
  /** Its place: `pmmux.toml: backends[2]`, `default`. */
  readonly source: string;
}

/** One option: its key in files, and its value or the elements of its list. */
export type EffectiveOption =
  | { readonly key: string; readonly value: EffectiveValue }
  | { readonly key: string; readonly elements: readonly EffectiveValue[] };

const DEFAULT_SOURCE = "default";

/** Every option that has a value, in the order of the table. */
export function effectiveOptions({ config, settings }: LoadedConfig): EffectiveOption[] {
  return settings.flatMap((setting): EffectiveOption[] => {
    const { option, given } = setting;
    const key = fileKey(option);
    if (option.kind === "list") {
      const elements = (given?.values ?? []).map((value) => showElement(option, value));
      return [{ key, elements }];
    }
    const value = configValue(config, option) as string | number | boolean | undefined;
    if (value === undefined) return [];
    return [{ key, value: { shown: showScalar(setting, value), source: given?.source ?? DEFAULT_SOURCE } }];
  });
}

/** The options as a YAML file that pmmux would read, with the place of every value in a comment. */
export function formatEffectiveYaml(options: readonly EffectiveOption[]): string {
  const lines = options.flatMap((option) => {
    if ("value" in option) return [`  ${option.key}: ${withSource(option.value)}`];
    if (option.elements.length === 0) return [`  ${option.key}: []`];
    return [`  ${option.key}:`, ...option.elements.map((element) => `    - ${withSource(element)}`)];
  });
  return ["pmmux:", ...lines, ""].join("\n");
}

function withSource({ shown, source }: EffectiveValue): string {
  return `${stringify(shown, { lineWidth: -1, flowLevel: 0 }).trim()}  # ${source}`;
}

function showScalar({ option, given }: Setting, value: string | number | boolean): ShownValue {
  const written = given?.values[0]?.written;
  const shown = typeof written === "string" && placeholderNames(written).length > 0 ? written : value;
  return typeof shown === "string" ? maskValue(option.name, shown) : shown;
}

function showElement(option: ListOption, { source, written }: GivenValue): EffectiveValue {
  return { source, shown: showWritten(option, written) };
}

function showWritten(option: ListOption, written: GivenValue["written"]): ShownValue {
  if (typeof written !== "string") {
    const segments = maskSegments(written);
    return formatCompact(segments) ?? structuredForm(option.element, segments);
  }
  if (option.element === "string" || option.element === "extension") return maskValue(option.name, written);
  if (isPlaceholder(written)) return written;
  return formatCompact(maskSegments(parseCompact(written))) ?? maskSpec(written);
}

function maskSegments(segments: readonly Segment[]): Segment[] {
  return segments.map((segment) => {
    if (segment.kind === "identifier") return { kind: "identifier", text: maskUrls(segment.text) };
    const masked = [...segment.properties].map(([key, value]) => [key, maskValue(key, value)] as const);
    return { kind: "properties", properties: new Map(masked) };
  });
}

/** For the few values that the compact grammar cannot write. */
function structuredForm(element: ListElement, segments: readonly Segment[]): Record<string, string> {
  const names = element === "backend" ? ["name", "protocol"] : ["protocol", "backend"];
  return Object.fromEntries(
    segments.flatMap((segment, i): [string, string][] =>
      segment.kind === "identifier" ? [[names[i]!, segment.text]] : [...segment.properties]
    ),
  );
}
