/**
 * The shape of configuration files. Compact strings and the structured form are both here; what the texts
 * and numbers mean is checked where they are read.
 *
 * @module
 */

import { z } from "zod";
import { HEALTH_CHECK_TIMINGS } from "./health_check_spec.ts";
import { fileKey, type ListElement, type Option, type OptionTable } from "./option_table.ts";
import { describeRange, PORT_RANGE, type Range } from "./whole_number.ts";

/** A parameter of a backend or a health check: nested keys are joined with dots, lists with semicolons. */
export type ParameterValue = string | number | boolean | ParameterValue[] | { [key: string]: ParameterValue };

const text = z.string({ error: "must be a text" });
const number = z.number().refine((value) => !Number.isInteger(value) || Number.isSafeInteger(value), {
  error: "is a number that is too large to be exact: put it in quotes",
});
const scalar = z.union([text, number, z.boolean()], { error: "must be a text, a number, true or false" });
const word = (words: readonly string[], more: readonly string[] = []) =>
  z.union([z.enum(words), textLike([...words, ...more].map(inAnyCase))], { error: "must be a text" });

const parameterValue: z.ZodType<ParameterValue> = z.lazy(() =>
  z.union([scalar, z.array(scalar), z.record(z.string(), parameterValue)], {
    error: "must be a text, a number, true, false, or a list of these",
  })
).meta({ id: "parameter", description: "nested keys are joined with dots, lists with semicolons" });

/** Parameters by name, beside what a mapping has by itself. */
export type Parameters = { readonly [name: string]: ParameterValue | undefined };

/** One backend in a map of backends by name. */
export type BackendMapping = Parameters & { readonly protocol: string };

/** One backend in a list. */
export type NamedBackendMapping = BackendMapping & { readonly name: string };

/** One port binding. */
export type BindingMapping = Parameters & {
  readonly public?: string | number | undefined;
  readonly local: string | number;
  readonly protocol?: string | undefined;
};

/** One health check. */
export type HealthCheckMapping = Parameters & {
  readonly protocol?: string | undefined;
  readonly backend?: string | undefined;
};

const backend = z.object({
  protocol: z.string({ error: "must be the name or URL of a backend protocol" }),
  priority: word(["fallback", "standby", "normal", "vip"]).optional(),
}).catchall(parameterValue);
const name = z.string({ error: "must be the backend's name" });

/** The shape of a backend in a map; every key beside these is a parameter. */
export const backendMapping: z.ZodType<BackendMapping> = backend.meta({ id: "backend" });

/** The shape of a backend in a list: the same, with its name. */
export const namedBackendMapping: z.ZodType<NamedBackendMapping> = backend.extend({ name })
  .meta({ id: "named-backend" });

/** The shape of a port binding. */
export const bindingMapping: z.ZodType<BindingMapping> = z.strictObject({
  public: portOr(["auto", "none", "?", "!"]).optional(),
  local: portOr(["auto", "?"]),
  protocol: word(["tcp", "udp"], ["0", "1", ""]).optional(),
  "bind-address": text.optional(),
  listen: flag("must be true or false").optional(),
  "proxy-protocol": word(["accept", "require"]).optional(),
  "proxy-protocol-from": z.union([text, z.array(text)], { error: "must be a list of networks" }).optional(),
}).meta({ id: "binding" });

/** The shape of a health check; every key beside these is a parameter for the backend. */
export const healthCheckMapping: z.ZodType<HealthCheckMapping> = z.object({
  protocol: text.optional(),
  backend: text.optional(),
  ...Object.fromEntries(
    Object.entries(HEALTH_CHECK_TIMINGS).map(([name, timing]) => [
      name,
      wholeNumber(timing.range).meta({ default: timing.default }).optional(),
    ]),
  ),
}).catchall(parameterValue).meta({ id: "health-check" });

const ELEMENTS: Readonly<Record<ListElement, readonly z.ZodType[]>> = {
  "string": [text],
  "extension": [text],
  "backend": [text, namedBackendMapping],
  "binding": [text, bindingMapping],
  "health-check": [text, healthCheckMapping],
};

/** A whole configuration file that uses every option's own key. */
export function fileSchema(table: OptionTable): z.ZodType {
  const options = table.map((option) => [fileKey(option), optionSchema(option).optional()] as const);
  return z.strictObject({
    $schema: z.string().optional(),
    pmmux: z.strictObject(Object.fromEntries(options)),
  });
}

function optionSchema(option: Option): z.ZodType {
  const description = option.help;
  const fallback = option.kind === "list" ? undefined : option.default;
  // A key that YAML has without a value gives nothing.
  return valueSchema(option).nullable().meta({
    description,
    ...(fallback !== undefined && { default: fallback }),
  });
}

function valueSchema(option: Option): z.ZodType {
  switch (option.kind) {
    case "integer":
      return wholeNumber(option.range);
    case "flag":
      return flag();
    case "choice":
      if (option.open) return z.union([z.enum(option.choices), text]);
      return option.numbered
        ? z.union([
          word(option.choices, [...option.choices.keys()].map(String)),
          z.int().min(0).max(option.choices.length - 1),
        ])
        : word(option.choices);
    case "list": {
      const element = z.union(ELEMENTS[option.element]);
      const list = z.union([element, z.array(element)]);
      return option.element === "backend" ? z.union([list, z.record(z.string(), backendMapping)]) : list;
    }
    default:
      return text;
  }
}

function wholeNumber(range: Range): z.ZodType<string | number> {
  const error = `must be a whole number ${describeRange(range)}`;
  return z.union([intIn(range, error), textLike(["\\d+"])], { error });
}

function flag(error?: string): z.ZodType<boolean | string> {
  return z.union([z.boolean(), textLike(["true", "false"].map(inAnyCase))], { error });
}

/** A text of which JSON Schema tells the patterns. Whether it is right is found out once its variables are known. */
function textLike(patterns: readonly string[]): z.ZodType<string> {
  return text.meta({ pattern: `^\\s*(${patterns.join("|")})\\s*$|\\{\\{env:` });
}

/** A pattern for a word in any case; JSON Schema has no flag for that. */
export function inAnyCase(word: string): string {
  return word.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}

function intIn(range: Range, error: string): z.ZodType<number> {
  return z.int({ error }).min(range.min, { error }).max(range.max, { error });
}

function portOr(words: readonly string[]): z.ZodType<string | number> {
  const error = `must be a port ${describeRange(PORT_RANGE)}, ${
    words.map((word) => `"${word}"`).join(" or ")
  }`;
  return z.union([intIn(PORT_RANGE, error), z.enum(words), textLike(["\\d+"])], { error });
}
