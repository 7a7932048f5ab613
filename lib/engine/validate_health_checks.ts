/**
 * Finds health checks that no backend could perform as they are written.
 *
 * @module
 */

import { HEALTH_CHECK_TIMINGS } from "../config/health_check_spec.ts";
import { isModuleUrl } from "../config/module_url.ts";
import { suggest } from "../config/nearest.ts";
import type { Config, HealthCheckSpec } from "../config/types.ts";
import type { BackendModule } from "../routing/backend_module.ts";
import { messageOf } from "../routing/message_of.ts";
import type { BackendLoader } from "./loader.ts";

const TIMINGS: readonly string[] = Object.keys(HEALTH_CHECK_TIMINGS);

/** The faults of all health checks, one message each. Modules that cannot be loaded are passed over. */
export async function healthCheckFaults(
  { backends, healthChecks }: Pick<Config, "backends" | "healthChecks">,
  loader: BackendLoader,
): Promise<string[]> {
  const faults: string[] = [];
  for (const check of healthChecks) {
    const applies = ({ name, protocol }: { name: string; protocol: string }) =>
      (check.protocol ?? protocol) === protocol && (check.backend ?? name) === name;
    const protocols = new Set(backends.filter(applies).map(({ protocol }) => protocol));
    const modules: BackendModule[] = [];
    for (const protocol of protocols) {
      const module = await loader.load(protocol).catch(() => undefined);
      if (module !== undefined) modules.push(module);
    }
    faults.push(...faultsOf(check, modules));
    const { protocol } = check;
    if (protocol === undefined || protocols.has(protocol) || isModuleUrl(protocol)) continue;
    await loader.load(protocol).catch(({ message }) =>
      faults.push(`Cannot use ${nameOf(check)}: ${message}`)
    );
  }
  return faults;
}

function nameOf({ protocol = "*", backend = "*" }: HealthCheckSpec): string {
  return `health check "${protocol}:${backend}"`;
}

/** A parameter is right if any of the modules knows it, a value if none of those that judge it objects. */
function faultsOf(check: HealthCheckSpec, modules: readonly BackendModule[]): string[] {
  const name = nameOf(check);
  const own = Object.fromEntries(
    Object.entries(check.parameters).filter(([key]) => !TIMINGS.includes(key)),
  );
  const faults: string[] = [];
  if (
    modules.length > 0 && modules.every(({ healthCheckParameters }) => healthCheckParameters !== undefined)
  ) {
    const known = [...TIMINGS, ...modules.flatMap((module) => module.healthCheckParameters!)];
    for (const key of Object.keys(own).filter((key) => !known.includes(key))) {
      faults.push(`Cannot use ${name}: unknown parameter "${key}", ${suggest(key, known)}`);
    }
  }
  for (const module of modules) {
    try {
      module.validateHealthCheck?.(own);
    } catch (error) {
      faults.push(`Cannot use ${name}: ${messageOf(error)}`);
    }
  }
  return faults;
}
