/**
 * Finds the faults of a configuration that only backend modules and matchers can see.
 *
 * @module
 */

import { ConfigError } from "../config/errors.ts";
import type { Config } from "../config/types.ts";
import { BackendLoader, workingDirectory } from "./loader.ts";
import { Multiplexer } from "./multiplexer.ts";
import { healthCheckFaults } from "./validate_health_checks.ts";

/** Builds every backend, without opening anything, and answers all faults. */
export async function validateBackends(
  config: Config,
  { loader = new BackendLoader({ base: workingDirectory() }) }: { readonly loader?: BackendLoader } = {},
): Promise<readonly ConfigError[]> {
  const errors: ConfigError[] = [];
  for (const spec of config.backends) {
    const alone = { ...config, backends: [spec], portBindings: [], healthChecks: [] };
    await using multiplexer = new Multiplexer(alone, { loader });
    try {
      await multiplexer.start();
    } catch (error) {
      errors.push(new ConfigError((error as Error).message, { cause: error }));
    }
  }
  for (const fault of await healthCheckFaults(config, loader)) errors.push(new ConfigError(fault));
  return errors;
}
