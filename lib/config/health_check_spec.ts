/**
 * Health-check specs: `parameters`, `protocol[:parameters]` or `protocol:backend[:parameters]`.
 *
 * @module
 */

import { describeSurplus, parseCompact, type Segment } from "./compact.ts";
import { type Report, throwingReports } from "./errors.ts";
import { joinModuleUrl } from "./module_url.ts";
import { maskSpec } from "./secrets.ts";
import type { HealthCheckSpec } from "./types.ts";
import { describeRange, MAX_MILLISECONDS, parseWholeNumber, type Range } from "./whole_number.ts";

/** A parameter with a meaning of its own. */
interface Timing {
  readonly default: number;
  readonly range: Range;
  readonly unit: string;
}

const DELAY: Omit<Timing, "default"> = { unit: " ms", range: { min: 0, max: MAX_MILLISECONDS } };
const DURATION: Omit<Timing, "default"> = { unit: " ms", range: { min: 1, max: MAX_MILLISECONDS } };
const THRESHOLD: Omit<Timing, "default"> = { unit: "", range: { min: 1, max: 1_000_000 } };

/** The rhythm of a check and its thresholds: milliseconds and consecutive results. */
export const HEALTH_CHECK_TIMINGS = {
  "initial-delay": { ...DELAY, default: 0 },
  "interval": { ...DURATION, default: 10_000 },
  "timeout": { ...DURATION, default: 5_000 },
  "failure-threshold": { ...THRESHOLD, default: 3 },
  "recovery-threshold": { ...THRESHOLD, default: 5 },
} as const satisfies Readonly<Record<string, Timing>>;

const SHAPE = 'write [protocol[:backend]:]key=value,…, and a value with ":" in double quotes';

/**
 * Reads a health-check spec from its compact form. An empty protocol (`:web:interval=1000`) is every protocol.
 *
 * @example
 * ```ts
 * import { parseHealthCheckSpec } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const spec = parseHealthCheckSpec("pass:web:interval=1000");
 * assertEquals([spec.protocol, spec.backend, spec.interval, spec.timeout], ["pass", "web", 1000, 5000]);
 * ```
 *
 * @throws {ConfigError} If the spec is malformed or a number is out of range.
 */
export function parseHealthCheckSpec(spec: string): HealthCheckSpec {
  return throwingReports((report) => readHealthCheckSpec(parseCompact(spec), report));
}

/** Reads a health-check spec from its segments, or reports why there is none. */
export function readHealthCheckSpec(
  segments: readonly Segment[],
  report: Report,
): HealthCheckSpec | undefined {
  const fail = (problem: string) => report(`cannot read the health-check spec: ${problem}; ${SHAPE}`);
  if (segments.length === 0) return void fail("it is empty");
  const rest = joinModuleUrl(segments, 0);
  const protocol = takeIdentifier(rest);
  const backend = protocol === undefined ? undefined : takeIdentifier(rest);
  const [parameters, surplus] = rest;
  if (parameters?.kind === "identifier") {
    return void fail(`found "${maskSpec(parameters.text)}" where the parameters belong`);
  }
  if (surplus) {
    return void fail(`found ${describeSurplus(parameters, surplus)} after the parameters`);
  }
  const properties = parameters?.properties ?? new Map<string, string>();
  return {
    ...(protocol && { protocol }),
    ...(backend !== undefined && { backend }),
    initialDelay: readTiming("initial-delay", properties, report),
    interval: readTiming("interval", properties, report),
    timeout: readTiming("timeout", properties, report),
    failureThreshold: readTiming("failure-threshold", properties, report),
    recoveryThreshold: readTiming("recovery-threshold", properties, report),
    parameters: Object.fromEntries(properties),
  };
}

function takeIdentifier(segments: Segment[]): string | undefined {
  const [first] = segments;
  if (first?.kind !== "identifier") return undefined;
  segments.shift();
  return first.text;
}

function readTiming(
  name: keyof typeof HEALTH_CHECK_TIMINGS,
  properties: ReadonlyMap<string, string>,
  report: Report,
): number {
  const timing = HEALTH_CHECK_TIMINGS[name];
  const text = properties.get(name);
  if (text === undefined) return timing.default;
  const value = parseWholeNumber(text, timing.range);
  if (value === undefined) {
    report(`${name} is "${text}", not a whole number ${describeRange(timing.range)}${timing.unit}`);
  }
  return value ?? timing.default;
}
