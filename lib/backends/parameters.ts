/**
 * Reads a backend's parameters; every mistake is an error for the user that names backend and parameter.
 *
 * @module
 */

import type { BackendSpec } from "../config/types.ts";
import type { PriorityTier } from "../routing/backend.ts";
import { tierRank } from "../routing/selection.ts";

/** A parameter that cannot be used. */
export class ParameterError extends Error {
  override readonly name: string = "ParameterError";

  /** Names the backend and the parameter; `problem` says what was found and what is allowed. */
  constructor(spec: BackendSpec, parameter: string, problem: string) {
    super(`Cannot use backend "${spec.name}": ${parameter} ${problem}`);
  }
}

/** A parameter that should be there and is not. */
export class MissingParameterError extends ParameterError {
  override readonly name = "MissingParameterError";

  /** Names the backend and the parameter. */
  constructor(spec: BackendSpec, parameter: string) {
    super(spec, parameter, "is missing");
  }
}

/**
 * Calls every one of these, and answers their results by name.
 *
 * @throws what one of them has thrown, or an `AggregateError` of everything that several have.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { readEach, required, requiredPort } from "./parameters.ts";
 *
 * const spec = { name: "web", protocol: "pass", parameters: { port: "x" } };
 * const read = () =>
 *   readEach({ path: () => required(spec, "path"), port: () => requiredPort(spec, "port") });
 * assertThrows(read, AggregateError, 'path is missing\nCannot use backend "web": port is "x"');
 * ```
 */
export function readEach<T extends object>(readers: { readonly [K in keyof T]: () => T[K] }): T {
  const results: Partial<T> = {};
  const errors: Error[] = [];
  for (const name of Object.keys(readers) as (keyof T)[]) {
    try {
      results[name] = readers[name]();
    } catch (error) {
      errors.push(...separate(error as Error));
    }
  }
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, errors.map(({ message }) => message).join("\n"));
  return results as T;
}

/** The errors that {@linkcode readEach} has put together. */
export function separate(error: Error): readonly Error[] {
  return error instanceof AggregateError ? error.errors : [error];
}

/** The tier of `priority=`; a number counts from the lowest. */
export function priorityTier(spec: BackendSpec, unlessGiven: PriorityTier): PriorityTier {
  const text = spec.parameters.priority;
  if (text === undefined || text === "") return unlessGiven;
  const tiers = Object.keys(tierRank) as PriorityTier[];
  const tier = tiers.find((it, rank) => it === text.toLowerCase() || String(rank) === text);
  if (tier !== undefined) return tier;
  throw new ParameterError(spec, "priority", `is "${text}", but must be one of ${tiers.join(", ")}`);
}

/** A parameter that must be there. */
export function required(spec: BackendSpec, parameter: string): string {
  const text = spec.parameters[parameter];
  if (text === undefined || text === "") throw new MissingParameterError(spec, parameter);
  return text;
}

/** A port that must be there. */
export function requiredPort(spec: BackendSpec, parameter: string): number {
  const text = required(spec, parameter);
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65535) return port;
  throw new ParameterError(spec, parameter, `is "${text}", but must be a port from 1 to 65535`);
}
