/**
 * Engines share their ports with each other, and would share them with any other program of the same user that
 * shares its own. A second pmmux on the same port must be told so instead.
 *
 * @module
 */

import { hostAndPort } from "../config/address.ts";
import type { BindingSpec, Config } from "../config/types.ts";
import { listenError } from "../engine/listen_error.ts";

/** The TCP bindings of a configuration whose ports no engine has yet. */
export function exclusiveBindings(next: Config, running?: Config): readonly BindingSpec[] {
  const shared = new Set(running?.portBindings.filter(isTcp).map(({ localPort }) => localPort));
  return next.portBindings.filter((binding) => isTcp(binding) && !shared.has(binding.localPort));
}

function isTcp({ networkProtocol, listen }: BindingSpec): boolean {
  return listen && networkProtocol === "tcp";
}

/**
 * Opens and closes the listeners of such bindings, without sharing.
 *
 * @throws {Error} for the user if one of them cannot be opened.
 */
export function checkPortsAreFree(bindings: readonly BindingSpec[]): void {
  for (const { bindAddress, localPort } of bindings) {
    if (localPort === "auto") continue;
    try {
      Deno.listen({ hostname: bindAddress, port: localPort }).close();
    } catch (error) {
      throw listenError(`tcp ${hostAndPort(bindAddress, localPort)}`, error);
    }
  }
}
