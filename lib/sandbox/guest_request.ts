/**
 * What has to be started for a foreign backend. Whoever starts it makes the request of the configuration, and not
 * of what the engine says.
 *
 * @module
 */

import { pathToFileURL } from "node:url";
import type { BackendSpec } from "../config/types.ts";
import { guestSettings, withModule } from "./guest_permissions.ts";
import type { GuestRequest } from "./launcher.ts";

/** The URL of a foreign backend's module; paths are relative to `directory`, which is absolute. */
export function guestModuleUrl(protocol: string, directory: string): string {
  return new URL(protocol, pathToFileURL(`${directory}/`)).href;
}

/**
 * The request to start the guest of a backend.
 *
 * @throws {ParameterError} if the spec's guest parameters are wrong.
 */
export function guestRequest(spec: BackendSpec, { directory }: { readonly directory: string }): GuestRequest {
  const { isolation, permissions, memoryLimit, integrity } = guestSettings(spec, { directory });
  const module = guestModuleUrl(spec.protocol, directory);
  const loading = withModule(permissions, { module, pinned: integrity !== undefined });
  return { backend: spec.name, module, isolation, permissions: loading, memoryLimit };
}
