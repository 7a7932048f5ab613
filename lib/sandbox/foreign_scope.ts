/**
 * What code from outside this package takes: in a process of its own, and in the engine's.
 *
 * @module
 */

import { isModuleUrl } from "../config/module_url.ts";
import type { BackendSpec, Config } from "../config/types.ts";
import type { Grant } from "./grant.ts";
import { grantsOf, guestSettings } from "./guest_permissions.ts";
import { guestModuleUrl, guestRequest } from "./guest_request.ts";
import { guestSocket } from "./launch_socket.ts";

/** The host and port that `jsr:` modules come from. */
const JSR_HOST = "jsr.io:443";

/** The sources of this package, of which a Worker is made. */
const SOURCES = new URL("..", import.meta.url);

/** What the scope of foreign code depends on beside the configuration. */
export interface ForeignScopeOptions {
  /** The absolute path that relative paths are relative to. */
  readonly directory: string;
}

/**
 * What the engine has to be permitted for the sake of a foreign backend. A guest in a process of its own has
 * its permissions there; the engine only connects where the guest may tell it to. A Worker can have nothing that
 * the engine has not.
 *
 * @throws {ParameterError} if the spec's guest parameters are wrong.
 */
export function foreignGrants(spec: BackendSpec, { directory }: ForeignScopeOptions): Grant[] {
  const { isolation, integrity } = guestSettings(spec, { directory });
  const url = guestModuleUrl(spec.protocol, directory);
  const pinned = integrity === undefined ? [] : ownedBy(spec, sourceGrants(url, "pinned module"));
  switch (isolation) {
    case "none":
      return [
        ...ownedBy(spec, moduleGrants(url, { directory, reason: "module" })),
        ...askedGrants(spec, directory),
      ];
    case "worker": {
      const sources = moduleGrants(SOURCES.href, { directory, reason: "sources of pmmux, for its Worker" });
      return [...pinned, ...ownedBy(spec, sources), ...guestGrants(spec, { directory })];
    }
    default:
      return [...pinned, ...askedGrants(spec, directory).filter(({ kind }) => kind === "net")];
  }
}

/**
 * What the guest of a foreign backend is permitted.
 *
 * @throws {ParameterError} if the spec's guest parameters are wrong.
 */
export function guestGrants(spec: BackendSpec, { directory }: ForeignScopeOptions): Grant[] {
  const asked = askedGrants(spec, directory);
  const all = grantsOf(guestRequest(spec, { directory }).permissions, () => "module");
  const module = all.filter((grant) =>
    !asked.some(({ kind, value }) => kind === grant.kind && value === grant.value)
  );
  return [...asked, ...ownedBy(spec, module)];
}

/** What `net=`, `read=` … permit. */
function askedGrants(spec: BackendSpec, directory: string): Grant[] {
  return ownedBy(spec, grantsOf(guestSettings(spec, { directory }).permissions, (kind) => `${kind}=`));
}

function ownedBy({ name }: BackendSpec, grants: readonly Grant[]): Grant[] {
  return grants.map((grant) => ({ ...grant, reason: `backend ${name}: ${grant.reason}`, backend: name }));
}

/** The foreign backends whose guests are processes. */
export function processGuests(
  { backends }: Config,
  { directory }: ForeignScopeOptions,
): readonly BackendSpec[] {
  return backends.filter((spec) => {
    if (!isModuleUrl(spec.protocol)) return false;
    const { isolation } = guestSettings(spec, { directory });
    return isolation !== "worker" && isolation !== "none";
  });
}

/** What an engine has to be permitted to meet its guests on Unix sockets in a directory. */
export function socketGrants(guests: readonly BackendSpec[], sockets: string): Grant[] {
  return guests.flatMap(({ name }) => {
    const path = guestSocket(sockets, name);
    const common = { reason: `backend ${name}: socket of its guest`, backend: name };
    return [
      { ...common, kind: "net", value: `unix:${path}` },
      { ...common, kind: "read", value: path },
      { ...common, kind: "write", value: path },
    ] as const;
  });
}

/** What loading a module takes. A local one may import what lies beside it. */
export function moduleGrants(
  specifier: string,
  { directory, reason }: { readonly directory: string; readonly reason: string },
): Grant[] {
  if (specifier.startsWith("npm:")) return [];
  if (specifier.startsWith("jsr:")) return [{ kind: "import", value: JSR_HOST, reason }];
  const url = new URL(guestModuleUrl(specifier, directory));
  if (url.protocol !== "file:") return [{ kind: "import", value: hostOf(url), reason }];
  return [{ kind: "read", value: pathOf(new URL(".", url)).replace(/(?<=.)\/$/, ""), reason }];
}

/** What reading the source of a module takes. */
function sourceGrants(module: string, reason: string): Grant[] {
  const url = new URL(module);
  if (url.protocol === "file:") return [{ kind: "read", value: pathOf(url), reason }];
  return [{ kind: "net", value: hostOf(url), reason }];
}

function pathOf({ pathname }: URL): string {
  return decodeURIComponent(pathname);
}

function hostOf({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`;
}
