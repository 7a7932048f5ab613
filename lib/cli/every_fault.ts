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
  return [...loaded.errors ?? [], ...(config ? await validateBackends(config) : [])];
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
