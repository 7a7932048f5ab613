/**
 * Engines share their ports with each other, and would share them with any other program of the same user that
 * shares its own. A second pmmux on the same port must be told so instead.
 *
 * @module
 */

import type { Config } from "../config/types.ts";
import { listenError } from "../engine/listen_error.ts";
import { hostAndPort } from "./grant.ts";

/**
 * Opens and closes the TCP listeners of a configuration, without sharing.
 *
 * @throws {Error} for the user if one of them cannot be opened.
 */
export function checkPortsAreFree({ portBindings }: Config): void {
  for (const { networkProtocol, bindAddress, localPort, listen } of portBindings) {
    if (!listen || networkProtocol !== "tcp" || localPort === "auto") continue;
    try {
      Deno.listen({ hostname: bindAddress, port: localPort }).close();
    } catch (error) {
      throw listenError(`tcp ${hostAndPort(bindAddress, localPort)}`, error);
    }
  }
}
