/**
 * The modules of this package that a configuration names: what they are asked for is what they need.
 *
 * @module
 */

import type { BackendSpec } from "../config/types.ts";
import { BackendLoader } from "../engine/loader.ts";
import type { BackendModule } from "../routing/contracts.ts";
import { isModuleUrl } from "../config/module_url.ts";

/**
 * Loads the modules of the backends' protocols, but for foreign ones, whose code has to stay where it is
 * sandboxed.
 *
 * @throws {Error} for the user: an unknown short name.
 */
export async function loadBackendModules(
  backends: readonly BackendSpec[],
): Promise<ReadonlyMap<string, BackendModule>> {
  const loader = new BackendLoader({ base: "file:///" });
  const protocols = new Set(backends.map(({ protocol }) => protocol));
  const own = [...protocols].filter((protocol) => !isModuleUrl(protocol));
  return new Map(await Promise.all(own.map(async (name) => [name, await loader.load(name)] as const)));
}
