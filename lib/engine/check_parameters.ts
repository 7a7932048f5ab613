/**
 * Whether the parameters of a backend are ones that somebody reads.
 *
 * @module
 */

import { suggest } from "../config/nearest.ts";
import type { BackendSpec } from "../config/types.ts";
import type { BackendModule } from "../routing/backend_module.ts";
import { isMatcher, matcherNames } from "../routing/matchers.ts";
import { PASSIVE_HEALTH_PARAMETERS } from "../routing/passive_health.ts";

/** The parameters that every backend has beside its matchers. */
const COMMON_PARAMETERS = ["priority", ...PASSIVE_HEALTH_PARAMETERS];

/** Throws an error, which does not name the backend, if a spec has a parameter that its module does not know. */
export function checkParameters(spec: BackendSpec, module: Pick<BackendModule, "parameters">): void {
  if (module.parameters === undefined) return;
  const known = [...COMMON_PARAMETERS, ...module.parameters];
  for (const key of Object.keys(spec.parameters)) {
    if (isMatcher(key) || known.some((name) => covers(name, key))) continue;
    const hint = suggest(key, [...known, ...matcherNames]);
    throw new Error(`unknown parameter "${key}", ${hint}`);
  }
}

function covers(name: string, key: string): boolean {
  return name.endsWith("*") ? key.startsWith(name.slice(0, -1)) : name === key;
}
