/**
 * The scope: what the process that carries traffic has to be permitted, and not a thing more.
 *
 * @module
 */

import { maskUrls } from "../config/secrets.ts";
import { hostAndPort } from "../config/address.ts";
import type { BackendSpec, Config } from "../config/types.ts";
import { isModuleUrl } from "../config/module_url.ts";
import type { BackendModule, PermissionNeed } from "../routing/backend_module.ts";
import { foreignGrants, moduleGrants } from "./foreign_scope.ts";
import { absolutePath, type Grant, type Scope } from "./grant.ts";
import { listenerGrants } from "./listener_scope.ts";

/** Something that an extension needs. */
export interface ExtensionNeed {
  /** The extension's name. */
  readonly extension: string;
  /** What has to be permitted. */
  readonly value: PermissionNeed;
}

/** What a scope depends on beside the configuration. */
export interface ScopeOptions {
  /** The modules of this package that the configuration names, by protocol; modules may say what they need. */
  readonly modules: ReadonlyMap<string, Pick<BackendModule, "permissions">>;
  /** What extensions say that they need; nothing unless given. */
  readonly needs?: readonly ExtensionNeed[];
  /** The absolute path that relative paths are relative to. */
  readonly directory: string;
}

/**
 * Derives the scope of the engine from a configuration. Pure: the same configuration always has the same scope.
 *
 * @throws {Error} for the user when a backend's module refuses its spec.
 *
 * @example
 * ```ts
 * import { parseBackendSpec } from "../config/backend_spec.ts";
 * import { parseBindingSpec } from "../config/binding_spec.ts";
 * import { defaultConfig } from "../config/default_config.ts";
 * import { scope } from "./scope.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const grants = scope({
 *   ...defaultConfig,
 *   backends: [parseBackendSpec("nobody:noop")],
 *   portBindings: parseBindingSpec("!:8080:tcp", 0),
 * }, { modules: new Map(), directory: "/" });
 * assertEquals(grants, [
 *   { kind: "net", value: "0.0.0.0:8080", reason: "port-bindings[0]: TCP listener" },
 * ]);
 * ```
 */
export function scope(config: Config, options: ScopeOptions): Scope {
  return [
    ...listenerGrants(config),
    ...config.backends.flatMap((spec) => backendGrants(spec, { config, ...options })),
    ...extensionGrants(config, options),
    ...metricsGrants(config),
    ...logGrants(config, options),
  ];
}

/** The part of a scope that one backend asks for. */
export function scopeOfBackend(whole: Scope, name: string): Scope {
  return whole.filter(({ backend }) => backend === name);
}

function backendGrants(
  spec: BackendSpec,
  { config, modules, directory }: ScopeOptions & { readonly config: Config },
): Grant[] {
  if (isModuleUrl(spec.protocol)) return foreignGrants(spec, { directory });
  const carries = config.portBindings.some(({ networkProtocol, listen }) =>
    listen && networkProtocol === "udp"
  );
  // A health check that sends something sends it as datagrams, too.
  const usesUdp = carries || config.healthChecks.some(({ parameters }) => parameters.send !== undefined);
  const needs = modules.get(spec.protocol)?.permissions?.(spec) ?? [];
  return needs.filter(({ networkProtocol }) => networkProtocol !== "udp" || usesUdp)
    .map(({ kind, value, reason }) => ({
      kind,
      value,
      reason: `backend ${spec.name}: ${reason}`,
      backend: spec.name,
    }));
}

function extensionGrants({ extensions }: Config, { directory, needs = [] }: ScopeOptions): Grant[] {
  return [
    ...extensions.flatMap((url) => moduleGrants(url, { directory, reason: `extension ${maskUrls(url)}` })),
    ...needs.map(({ extension, value: { kind, value, reason } }) => ({
      kind,
      value,
      reason: `extension ${extension}: ${reason}`,
    })),
  ];
}

/** Each worker serves its own metrics, on ports that follow each other. */
function metricsGrants({ metricsPort, metricsBindAddress, workers }: Config): Grant[] {
  if (metricsPort === undefined) return [];
  return Array.from({ length: workers }, (_, worker) => ({
    kind: "net",
    value: hostAndPort(metricsBindAddress, metricsPort + worker),
    reason: "metrics for Prometheus",
  }));
}

/** Old log files are counted and removed, so that writing alone would not do. */
function logGrants({ logDirectory }: Config, { directory }: ScopeOptions): Grant[] {
  if (logDirectory === undefined) return [];
  const value = absolutePath(logDirectory, directory);
  return [
    { kind: "read", value, reason: "log files" },
    { kind: "write", value, reason: "log files" },
  ];
}
