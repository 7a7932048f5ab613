/**
 * A configuration file as a layer.
 *
 * @module
 */

import { ConfigError, type Report, type ReportAt } from "./errors.ts";
import { type ConfigFile, parseFile } from "./file_format.ts";
import type { Given, GivenValue, Layer } from "./layers.ts";
import {
  fileKey,
  findOption,
  type ListOption,
  normalizeKey,
  type Option,
  type OptionTable,
} from "./option_table.ts";
import { backendSegments, bindingSegments, healthCheckSegments, namedBackendSegments } from "./structured.ts";
import { positionAt } from "./text_position.ts";
import { describeUnknownOption } from "./unknown_option.ts";

const ROOT = "pmmux";

type Mapping = Readonly<Record<string, unknown>>;

/**
 * Reads what a file gives under its root `pmmux`. Keys may have any case and any of an option's names; a
 * single value stands for a list of one; an empty file gives nothing.
 */
export function fileLayer(
  file: ConfigFile,
  { table, reportAt }: { readonly table: OptionTable; readonly reportAt: ReportAt },
): Layer {
  const layer = new Map<string, Given>();
  const spelledBy = new Map<Option, string>();
  const settable = table.filter((option) => !option.invocation);
  for (const [key, value] of Object.entries(readRoot(file, { table, reportAt }))) {
    const source = `${file.name}: ${key}`;
    const option = findOption(settable, key);
    const earlier = option && spelledBy.get(option);
    if (!option) {
      reportAt(source)(describeUnknownOption(key, { table, rightNames: settable.map(fileKey) }));
    } else if (earlier !== undefined) {
      reportAt(source)(`is another name of ${earlier}, which is given too`);
    } else if (value !== null) {
      spelledBy.set(option, key);
      const values = option.kind === "list"
        ? listValues(option, value, { source, reportAt })
        : scalarValues(value, { source, reportAt });
      if (values) layer.set(option.key, { option, source, values });
    }
  }
  return layer;
}

function readRoot(
  file: ConfigFile,
  { table, reportAt }: { readonly table: OptionTable; readonly reportAt: ReportAt },
): Mapping {
  let content: unknown;
  try {
    content = parseFile(file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    reportAt(file.name)(error.message);
    return {};
  }
  if (!isMapping(content ?? {})) {
    reportAt(file.name)(`must have everything under "${ROOT}"`);
    return {};
  }
  let root: Mapping | undefined;
  for (const [key, value] of Object.entries(content ?? {})) {
    const report = reportAt(`${file.name}: ${key}`);
    // "$schema" is for editors, "x-…" for anchors that YAML refers to.
    if (key === "$schema" || key.startsWith("x-")) continue;
    if (normalizeKey(key) !== ROOT) {
      const hint = findOption(table, key)
        ? `must stand under "${ROOT}"${tabHint(file)}`
        : `is unknown here; options stand under "${ROOT}"`;
      report(hint);
    } else if (root) {
      report("is there twice");
    } else if (!isMapping(value ?? {})) {
      report("must have the options as its keys");
    } else {
      root = (value ?? {}) as Mapping;
    }
  }
  return root ?? {};
}

/** In YAML, what a tab was to indent is at the left edge. */
function tabHint({ name, text }: ConfigFile): string {
  const tab = /\.ya?ml$/i.test(name) ? text.search(/^ *\t/m) : -1;
  return tab < 0 ? "" : `; line ${positionAt(text, tab).line} begins with a tab, which does not indent`;
}

interface Place {
  readonly source: string;
  readonly reportAt: ReportAt;
}

function scalarValues(value: unknown, { source, reportAt }: Place): GivenValue[] | undefined {
  if (isScalar(value)) return [{ source, written: String(value) }];
  reportAt(source)(
    Array.isArray(value) ? "takes one value, not a list" : "takes a text, a number, true or false",
  );
  return undefined;
}

function listValues(option: ListOption, value: unknown, { source, reportAt }: Place): GivenValue[] {
  const items = listItems(option, value);
  const areAllNumbers = items.every(({ name }) => name === undefined || isNumber(name));
  return items.flatMap(({ label, item, name }) => {
    const place = `${source}${label}`;
    if (!areAllNumbers && isNumber(name ?? "")) {
      reportAt(place)("loses its place in a map, where numbers come first; give the backends as a list");
    }
    const written = name === undefined
      ? readElement(option, item, reportAt(place))
      : backendSegments(item, { name, report: reportAt(place) });
    return written === undefined ? [] : [{ source: place, written }];
  });
}

interface ListItem {
  readonly label: string;
  readonly item: unknown;
  /** The key in a map of backends by name. */
  readonly name?: string;
}

/** A list, a map of backends by name, a map with the numbers of a list as its keys, or one element. */
function listItems(option: ListOption, value: unknown): ListItem[] {
  const numbered = (items: readonly unknown[]) => items.map((item, i) => ({ label: `[${i}]`, item }));
  if (Array.isArray(value)) return numbered(value);
  if (isMapping(value) && isByName(option, value)) {
    return Object.entries(value).map(([name, item]) => ({ label: `.${name}`, item, name }));
  }
  if (isMapping(value) && Object.keys(value).every(isNumber)) return numbered(Object.values(value));
  return [{ label: "", item: value }];
}

/** Whether a mapping has backends by their names, which may be numbers. */
function isByName({ element }: ListOption, mapping: Mapping): boolean {
  if (element !== "backend" || isScalar(mapping.protocol)) return false;
  const isNameless = (item: unknown) => isMapping(item) && !Object.hasOwn(item, "name");
  return !Object.keys(mapping).every(isNumber) || Object.values(mapping).some(isNameless);
}

function isNumber(key: string): boolean {
  return /^\d+$/.test(key);
}

function readElement(
  option: ListOption,
  item: unknown,
  report: Report,
): GivenValue["written"] | undefined {
  if (isScalar(item)) return String(item);
  switch (isMapping(item) ? option.element : "string") {
    case "backend":
      return namedBackendSegments(item, report);
    case "binding":
      return bindingSegments(item, report);
    case "health-check":
      return healthCheckSegments(item, report);
    default:
      return void report(option.element === "string" ? "must be a text" : "must be a text or a mapping");
  }
}

function isScalar(value: unknown): value is string | number | boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
