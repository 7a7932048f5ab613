/**
 * Everything that is wrong with a configuration.
 *
 * @module
 */

import type { ConfigError } from "../config/errors.ts";
import type { FailedConfig, LoadedConfig } from "../config/load_config.ts";
import { isModuleUrl } from "../config/module_url.ts";
import type { CommandContext } from "./command.ts";

/** The faults that loading has found, and those that only backend modules can see in what could be read. */
export async function everyFault(
  loaded: LoadedConfig | FailedConfig,
  { validateBackends }: Pick<CommandContext, "validateBackends">,
): Promise<readonly ConfigError[]> {
  const config = loaded.errors ? loaded.readable : loaded.config;
  if (config === undefined) return loaded.errors ?? [];
  return [...loaded.errors ?? [], ...located(await validateBackends(config), loaded)];
}

/** Faults that show what they are about, with the places where that was written. */
export function located(
  errors: readonly ConfigError[],
  { origins }: Pick<LoadedConfig, "origins">,
): readonly ConfigError[] {
  return errors.map((error) => origins.locate(error));
}

/** The same context, but foreign modules stay where they are sandboxed: nobody asks them for faults. */
export function withoutForeignModules(context: CommandContext): CommandContext {
  return {
    ...context,
    validateBackends(config) {
      const backends = config.backends.filter(({ protocol }) => !isModuleUrl(protocol));
      return context.validateBackends({ ...config, backends });
    },
  };
}
