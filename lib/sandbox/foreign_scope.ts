/**
 * What code from outside this package takes in the engine's own process: its source, and, unless it runs in a
 * process of its own, what its line of the configuration permits it.
 *
 * @module
 */

import type { BackendSpec } from "../config/types.ts";
import type { PermissionKind } from "../routing/contracts.ts";
import { type Grant, PERMISSION_KINDS } from "./grant.ts";

/** The host and port that `jsr:` modules come from. */
const JSR_HOST = "jsr.io:443";

/** Whether a protocol is the URL or path of a module, and not the short name of one of this package. */
export function isForeign(protocol: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(protocol) || /^\.{0,2}\//.test(protocol);
}

/**
 * What the engine has to be permitted for the sake of a foreign backend. A guest in a process of its own has
 * its permissions there; the engine only connects where the guest may tell it to.
 */
export function foreignGrants(spec: BackendSpec, { directory }: { readonly directory: string }): Grant[] {
  const own = parameterGrants(spec);
  const isolation = spec.parameters.isolation ?? "process";
  if (isolation !== "worker" && isolation !== "none") return own.filter(({ kind }) => kind === "net");
  const source = moduleGrants(spec.protocol, { directory, reason: `backend ${spec.name}: module` });
  return [...source.map((grant) => ({ ...grant, backend: spec.name })), ...own];
}

/** What `net=`, `read=` … of a foreign backend permit. */
export function parameterGrants(spec: BackendSpec): Grant[] {
  return PERMISSION_KINDS.flatMap((kind: PermissionKind) =>
    (spec.parameters[kind] ?? "").split(";").map((value) => value.trim()).filter((value) => value !== "")
      .map((value) => ({ kind, value, reason: `backend ${spec.name}: ${kind}=`, backend: spec.name }))
  );
}

/** What loading a module takes. A local one may import what lies beside it. */
export function moduleGrants(
  specifier: string,
  { directory, reason }: { readonly directory: string; readonly reason: string },
): Grant[] {
  if (specifier.startsWith("npm:")) return [];
  if (specifier.startsWith("jsr:")) return [{ kind: "import", value: JSR_HOST, reason }];
  const url = new URL(specifier, `file://${directory}/`);
  if (url.protocol === "file:") {
    const value = decodeURIComponent(new URL(".", url).pathname).replace(/(?<=.)\/$/, "");
    return [{ kind: "read", value, reason }];
  }
  const port = url.port !== "" ? url.port : url.protocol === "https:" ? "443" : "80";
  return [{ kind: "import", value: `${url.hostname}:${port}`, reason }];
}
