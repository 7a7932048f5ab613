/**
 * Finds the faults of a configuration that only backend modules and matchers can see.
 *
 * @module
 */

import { ConfigError } from "../config/errors.ts";
import type { Config } from "../config/types.ts";
import { Multiplexer } from "./multiplexer.ts";

/** Builds every backend, without opening anything, and answers all faults. */
export async function validateBackends(config: Config): Promise<readonly ConfigError[]> {
  const errors: ConfigError[] = [];
  for (const spec of config.backends) {
    await using multiplexer = new Multiplexer({
      ...config,
      backends: [spec],
      portBindings: [],
      healthChecks: [],
    });
    try {
      await multiplexer.start();
    } catch (error) {
      errors.push(new ConfigError((error as Error).message, { cause: error }));
    }
  }
  return errors;
}
