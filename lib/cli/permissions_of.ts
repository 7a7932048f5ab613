/**
 * What the processes of a configuration have to be permitted.
 *
 * @module
 */

import type { Config } from "../config/types.ts";
import { declaredNeeds } from "../sandbox/backend_modules.ts";
import { isModuleUrl } from "../config/module_url.ts";
import { maskUrls } from "../config/secrets.ts";
import { guestGrants } from "../sandbox/foreign_scope.ts";
import type { Scope } from "../sandbox/grant.ts";
import { scope } from "../sandbox/scope.ts";

/** A foreign backend with a process of its own. */
export interface GuestScope {
  /** The backend's name. */
  readonly name: string;
  /** The specifier of its module. */
  readonly module: string;
  /** How it is kept apart: `process`, `worker` or `task:NAME`. */
  readonly isolation: string;
  /** What it is permitted. */
  readonly scope: Scope;
}

/** The permissions of each process. */
export interface Permissions {
  /** What the process that carries traffic is permitted. */
  readonly engine: Scope;
  /** The guests. */
  readonly guests: readonly GuestScope[];
  /** Modules that run in the engine with all its permissions. */
  readonly trusted: readonly string[];
}

/**
 * Derives the permissions of a configuration, whose relative paths are relative to a directory: the working one
 * unless given.
 *
 * @throws {Error} for the user when a backend's spec is wrong.
 */
export async function permissionsOf(
  config: Config,
  { directory = Deno.cwd() }: { readonly directory?: string } = {},
): Promise<Permissions> {
  const needs = await declaredNeeds(config);
  const foreign = config.backends.filter(({ protocol }) => isModuleUrl(protocol));
  return {
    engine: scope(config, { ...needs, directory }),
    guests: foreign.filter(({ parameters }) => parameters.isolation !== "none").map((spec) => ({
      name: spec.name,
      module: spec.protocol,
      isolation: spec.parameters.isolation ?? "process",
      scope: guestGrants(spec, { directory }),
    })),
    trusted: [
      ...config.extensions.map((url) => `extension ${maskUrls(url)}`),
      ...foreign.filter(({ parameters }) => parameters.isolation === "none").map(({ name }) =>
        `backend ${name}`
      ),
    ],
  };
}
