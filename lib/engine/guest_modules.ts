/**
 * The modules that somebody else wrote, as guests. The code that runs guests is loaded with the first of them.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import type { BackendModule } from "../routing/backend_module.ts";
import type { GuestModuleOptions } from "../sandbox/host.ts";
import { checkParameters } from "./check_parameters.ts";

/** Makes the module of a protocol. */
type MakeModule = (protocol: string) => Promise<BackendModule>;

/** Modules whose backends run in guests; `base` is the URL that relative paths are relative to. */
export function guestModules(base: string, options: Partial<GuestModuleOptions> = {}): MakeModule {
  return async (protocol) => {
    const { createGuestModule } = await import("../sandbox/host.ts");
    return createGuestModule(protocol, { directory: directoryOf(base), checkParameters, ...options });
  };
}

/** Modules whose backends are only looked at from the outside: nothing of them runs, and they do nothing. */
export function unstartedModules(base: string): MakeModule {
  return async (protocol) => {
    const { guestSettings } = await import("../sandbox/guest_permissions.ts");
    const { NoopBackend } = await import("../backends/noop.ts");
    return {
      protocol,
      createBackend(spec) {
        guestSettings(spec, { directory: directoryOf(base) });
        return new NoopBackend(spec);
      },
    };
  };
}

/** Modules whose guests are started to look at them, where this process may do that. */
export function examinedModules(base: string): MakeModule {
  const granted = (["run", "net", "write"] as const).every((name) =>
    Deno.permissions.querySync({ name }).state === "granted"
  );
  return granted ? guestModules(base) : unstartedModules(base);
}

function directoryOf(base: string): string {
  return fileURLToPath(new URL(".", base)).replace(/(?<=.)\/$/, "");
}
