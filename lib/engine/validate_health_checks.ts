/**
 * Finds health checks that no backend could perform as they are written.
 *
 * @module
 */

import { ConfigError } from "../config/errors.ts";
import { HEALTH_CHECK_TIMINGS } from "../config/health_check_spec.ts";
import { isModuleUrl } from "../config/module_url.ts";
import { suggest } from "../config/nearest.ts";
import { healthCheckSubject } from "../config/origins.ts";
import type { Config, HealthCheckSpec } from "../config/types.ts";
import type { BackendModule } from "../routing/backend_module.ts";
import { messageOf } from "../routing/message_of.ts";
import type { BackendLoader } from "./loader.ts";

const TIMINGS: readonly string[] = Object.keys(HEALTH_CHECK_TIMINGS);

/** The faults of all health checks. Modules that cannot be loaded are passed over. */
export async function healthCheckFaults(
  { backends, healthChecks }: Pick<Config, "backends" | "healthChecks">,
  loader: BackendLoader,
): Promise<ConfigError[]> {
  const faults: ConfigError[] = [];
  for (const [position, check] of healthChecks.entries()) {
    const subject = healthCheckSubject(position);
    const add = (problem: string) =>
      faults.push(new ConfigError(`Cannot use ${nameOf(check)}: ${problem}`, { subject }));
    const applies = ({ name, protocol }: { name: string; protocol: string }) =>
      (check.protocol ?? protocol) === protocol && (check.backend ?? name) === name;
    const protocols = new Set(backends.filter(applies).map(({ protocol }) => protocol));
    const modules: BackendModule[] = [];
    for (const protocol of protocols) {
      const module = await loader.load(protocol).catch(() => undefined);
      if (module !== undefined) modules.push(module);
    }
    for (const problem of problemsOf(check, modules)) add(problem);
    const { protocol } = check;
    if (protocol === undefined || protocols.has(protocol) || isModuleUrl(protocol)) continue;
    await loader.load(protocol).catch(({ message }) => add(message));
  }
  return faults;
}

/** What a health check is called in messages. */
export function nameOf({ protocol = "*", backend = "*" }: HealthCheckSpec): string {
  return `health check "${protocol}:${backend}"`;
}

/** A parameter is right if any of the modules knows it, a value if none of those that judge it objects. */
function problemsOf(check: HealthCheckSpec, modules: readonly BackendModule[]): string[] {
  const own = Object.fromEntries(
    Object.entries(check.parameters).filter(([key]) => !TIMINGS.includes(key)),
  );
  const problems: string[] = [];
  if (
    modules.length > 0 && modules.every(({ healthCheckParameters }) => healthCheckParameters !== undefined)
  ) {
    const known = [...TIMINGS, ...modules.flatMap((module) => module.healthCheckParameters!)];
    for (const key of Object.keys(own).filter((key) => !known.includes(key))) {
      problems.push(`unknown parameter "${key}", ${suggest(key, known)}`);
    }
  }
  for (const module of modules) {
    try {
      module.validateHealthCheck?.(own);
    } catch (error) {
      problems.push(messageOf(error));
    }
  }
  return problems;
}
