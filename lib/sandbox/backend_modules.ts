/**
 * The modules that run in the engine: what they are asked for is what they need.
 *
 * @module
 */

import { isModuleUrl } from "../config/module_url.ts";
import type { Config } from "../config/types.ts";
import { registerExtensions } from "../engine/extension_set.ts";
import { BackendLoader } from "../engine/loader.ts";
import type { ScopeOptions } from "./scope.ts";

/** What modules say that they need. */
export type DeclaredNeeds = Required<Pick<ScopeOptions, "modules" | "needs">>;

/**
 * Loads the extensions and the modules of the backends' protocols, but for foreign ones, whose code has to stay where
 * it is sandboxed.
 *
 * @throws {Error} for the user: an unknown short name, an extension that cannot be loaded.
 */
export async function declaredNeeds(config: Config): Promise<DeclaredNeeds> {
  const loader = new BackendLoader({ base: "file:///" });
  const { permissions } = await registerExtensions(config, { loader });
  const protocols = new Set(config.backends.map(({ protocol }) => protocol));
  const own = [...protocols].filter((protocol) => !isModuleUrl(protocol));
  const modules = await Promise.all(own.map(async (name) => [name, await loader.load(name)] as const));
  return { modules: new Map(modules), needs: permissions };
}
