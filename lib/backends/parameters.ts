/**
 * Reads a backend's parameters; every mistake is an error for the user that names backend and parameter.
 *
 * @module
 */

import type { BackendSpec } from "../config/types.ts";
import type { PriorityTier } from "../routing/contracts.ts";
import { tierRank } from "../routing/selection.ts";

/** A parameter that cannot be used. */
export class ParameterError extends Error {
  override readonly name = "ParameterError";

  /** Names the backend and the parameter; `problem` says what was found and what is allowed. */
  constructor(spec: BackendSpec, parameter: string, problem: string) {
    super(`Cannot use backend "${spec.name}": ${parameter} ${problem}`);
  }
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
  if (text === undefined || text === "") throw new ParameterError(spec, parameter, "is missing");
  return text;
}

/** A port that must be there. */
export function requiredPort(spec: BackendSpec, parameter: string): number {
  const text = required(spec, parameter);
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65535) return port;
  throw new ParameterError(spec, parameter, `is "${text}", but must be a port from 1 to 65535`);
}
