/**
 * The values of options that are lists: specs and texts.
 *
 * @module
 */

import { readBackendSpec } from "./backend_spec.ts";
import { readBindingSpec } from "./binding_spec.ts";
import { parseCompact, type Segment } from "./compact.ts";
import { ConfigError, type Report, type ReportAt } from "./errors.ts";
import type { Expander } from "./expander.ts";
import { readHealthCheckSpec } from "./health_check_spec.ts";
import { originalExtensionNotice } from "./later_capabilities.ts";
import type { GivenValue } from "./layers.ts";
import type { ListOption } from "./option_table.ts";
import { isPlaceholder } from "./placeholders.ts";
import type { BackendSpec, BindingSpec, HealthCheckSpec } from "./types.ts";

/** What reading a list needs beside its elements. */
export interface ListContext {
  /** Makes the expander of the element at a place. */
  readonly expanderAt: (source: string) => Expander;
  /** Takes what is worth knowing about the element at a place. */
  readonly noticeAt: ReportAt;
  /** Takes every spec, its position in the list, and the expander that read it. */
  readonly onSpec?: (spec: Spec, position: number, expander: Expander) => void;
  /** Takes every text that is no spec, and the expander that read it. */
  readonly onText?: (text: string, expander: Expander) => void;
}

/** An element that is more than a text. */
export type Spec = BackendSpec | BindingSpec | HealthCheckSpec;

/** Reads every element, also after a faulty one; faulty elements are left out. */
export function readList(
  option: ListOption,
  values: readonly GivenValue[],
  context: ListContext,
): readonly (string | Spec)[] {
  switch (option.element) {
    case "backend":
      return readBackends(values, context);
    case "binding":
      return readBindings(values, context);
    case "health-check":
      return readHealthChecks(values, context);
    case "extension":
      return readExtensions(values, context);
    case "string":
      return readTexts(values, context).map(({ text }) => text);
  }
}

function readBackends(values: readonly GivenValue[], context: ListContext): BackendSpec[] {
  const places = new Map<string, string>();
  return readSpecs(values, context, (segments, { source, report }) => {
    const spec = readBackendSpec(segments, report);
    if (!spec) return [];
    const earlier = claim(places, spec.name, source);
    if (earlier) report(`the backend name "${spec.name}" is already that of ${earlier}; a name is used once`);
    return [spec];
  });
}

function readBindings(values: readonly GivenValue[], context: ListContext): BindingSpec[] {
  const places = new Map<string, string>();
  return readSpecs(values, context, (segments, { index, source, report }) => {
    const bindings = readBindingSpec(segments, { index, report }) ?? [];
    const [binding] = bindings;
    if (binding?.listen === false && binding.publicPort === undefined) {
      context.noticeAt(source)("neither listens nor maps a port");
    }
    for (const { networkProtocol, bindAddress, localPort, listen } of bindings) {
      if (!listen || localPort === "auto") continue;
      const listener = `${networkProtocol} port ${localPort} of ${bindAddress}`;
      const earlier = claim(places, listener, source);
      if (earlier) report(`${earlier} already listens on ${listener}`);
    }
    return bindings;
  });
}

function readHealthChecks(values: readonly GivenValue[], context: ListContext): HealthCheckSpec[] {
  const places = new Map<string, string>();
  return readSpecs(values, context, (segments, { source, report }) => {
    const spec = readHealthCheckSpec(segments, report);
    if (!spec) return [];
    const { parameters, ...rest } = spec;
    const identity = JSON.stringify([rest, Object.entries(parameters).toSorted()]);
    const earlier = claim(places, identity, source);
    if (earlier) report(`is the same health check as ${earlier}`);
    return [spec];
  });
}

function readExtensions(values: readonly GivenValue[], context: ListContext): string[] {
  return readTexts(values, context).flatMap(({ text, source }) => {
    const notice = originalExtensionNotice(text);
    if (notice === undefined) return [text];
    context.noticeAt(source)(notice);
    return [];
  });
}

function readTexts(
  values: readonly GivenValue[],
  { expanderAt, onText }: ListContext,
): { text: string; source: string }[] {
  return values.flatMap(({ source, written }) => {
    const expander = expanderAt(source);
    const text = expander.text(String(written));
    if (expander.missing) return [];
    onText?.(text, expander);
    if (text.trim() === "") return expander.report("needs a value") ?? [];
    return [{ text, source }];
  });
}

interface Place {
  readonly index: number;
  readonly source: string;
  readonly report: Report;
}

function readSpecs<T extends Spec>(
  values: readonly GivenValue[],
  { expanderAt, onSpec }: ListContext,
  read: (segments: Segment[], place: Place) => readonly T[],
): T[] {
  const specs: T[] = [];
  for (const [index, value] of values.entries()) {
    const expander = expanderAt(value.source);
    const segments = readSegments(value, expander);
    // Whatever else is wrong with a value that lacks a variable, the variable is why.
    if (!segments || expander.missing) continue;
    for (const spec of read(segments, { index, source: value.source, report: expander.report })) {
      onSpec?.(spec, specs.push(spec) - 1, expander);
    }
  }
  return specs;
}

/** A variable that holds a spec on its own is parsed as one: there is nothing around it that it could break. */
function readSegments({ written }: GivenValue, expander: Expander): Segment[] | undefined {
  try {
    if (typeof written !== "string") return expander.segments(written);
    if (isPlaceholder(written)) {
      return expander.spec(written, (spec) => parseCompact(spec, { shownAs: written }));
    }
    return expander.segments(parseCompact(written));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expander.report(error.message);
    return undefined;
  }
}

/** Takes a name for a place; answers the place that has it already. */
function claim(places: Map<string, string>, name: string, source: string): string | undefined {
  const earlier = places.get(name);
  if (earlier === undefined) places.set(name, source);
  return earlier;
}
