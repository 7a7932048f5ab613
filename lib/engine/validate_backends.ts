/**
 * Finds the faults of a configuration that only backend modules and matchers can see.
 *
 * @module
 */

import { ConfigError } from "../config/errors.ts";
import type { Config } from "../config/types.ts";
import { type ExtensionSet, registerExtensions } from "./extension_set.ts";
import { examinedModules, unstartedModules } from "./guest_modules.ts";
import { BackendLoader, workingDirectory } from "./loader.ts";
import { Multiplexer } from "./multiplexer.ts";
import { healthCheckFaults } from "./validate_health_checks.ts";

function examiningLoader(): BackendLoader {
  const base = workingDirectory();
  return new BackendLoader({ base, foreign: examinedModules(base) });
}

/**
 * Finds the same faults, but for those that only show when a guest is started: for who starts them next anyway.
 */
export function validateUnstarted(config: Config): Promise<readonly ConfigError[]> {
  const base = workingDirectory();
  return validateBackends(config, { loader: new BackendLoader({ base, foreign: unstartedModules(base) }) });
}

/** Has extensions register and builds every backend, without opening anything, and answers all faults. */
export async function validateBackends(
  config: Config,
  { loader: backends = examiningLoader() }: { readonly loader?: BackendLoader } = {},
): Promise<readonly ConfigError[]> {
  let added: ExtensionSet;
  try {
    added = await registerExtensions(config, { loader: backends });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [error];
  }
  const { loader, strategies } = added;
  const errors: ConfigError[] = [];
  try {
    // Extensions may bring strategies, so that only now all names are known.
    await new Multiplexer({ ...config, backends: [] }, { strategies })[Symbol.asyncDispose]();
  } catch (error) {
    return [new ConfigError((error as Error).message, { cause: error })];
  }
  for (const spec of config.backends) {
    const alone = { ...config, backends: [spec], portBindings: [], healthChecks: [] };
    await using multiplexer = new Multiplexer(alone, { loader, strategies });
    try {
      await multiplexer.start();
    } catch (error) {
      errors.push(new ConfigError((error as Error).message, { cause: error }));
    }
  }
  for (const fault of await healthCheckFaults(config, loader)) errors.push(new ConfigError(fault));
  return errors;
}
