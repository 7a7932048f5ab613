/**
 * What the configuration grants a guest: the parameters of its spec that are not for its module.
 *
 *     geo:./geo_dial.ts:net="10.0.0.0/8:80;[2001:db8::1]:80",env=REGION,memory-limit=128MiB
 *
 * | parameter                                  | value                                                    |
 * | ------------------------------------------ | -------------------------------------------------------- |
 * | `net` `read` `write` `env` `import` `sys` `run` `ffi` | a list with `;`, nothing unless given; `*` is everything |
 * | `isolation`                                | `process` (default), `worker`, `task:NAME` or `none`     |
 * | `guest-timeout`                            | milliseconds for a verdict, 250 unless given             |
 * | `memory-limit`                             | `256MiB` unless given; not for `worker` and `none`       |
 * | `integrity`                                | `sha256-` and the hash of the module's source            |
 *
 * @module
 */

import { resolve } from "node:path";
import { levenshteinDistance } from "@std/text/levenshtein-distance";
import { ParameterError } from "../backends/parameters.ts";
import { MAX_MILLISECONDS, parseWholeNumber } from "../config/whole_number.ts";
import type { BackendSpec } from "../config/types.ts";
import type { PermissionKind } from "../routing/backend_module.ts";
import { ANYTHING, type Grant, PERMISSION_KINDS } from "./grant.ts";
import { parseIntegrity } from "./module_source.ts";
import { parseNetEntry } from "./net_list.ts";
import { permissionFlags, permissionSet } from "./permission_list.ts";

/** How a guest is kept apart from the engine. */
export type Isolation = "process" | "worker" | "none" | `task:${string}`;

/** What a guest may do: for each kind the values as Deno's `--allow-…` takes them, or `*` alone. */
export type GuestPermissions = Readonly<Record<PermissionKind, readonly string[]>>;

/** What a spec says about its guest. */
export interface GuestSettings {
  readonly isolation: Isolation;
  readonly permissions: GuestPermissions;
  /** Milliseconds that a verdict may take. */
  readonly timeout: number;
  /** Bytes, of the heap and of the resident set each. */
  readonly memoryLimit: number;
  /** The SHA-256 of the module's source, in hexadecimal; undefined where it is not pinned. */
  readonly integrity?: string;
}

/** Those that are no permissions. */
const SETTINGS = ["isolation", "guest-timeout", "memory-limit", "integrity"];

/** The parameters that {@linkcode guestSettings} reads. A module does not see them. */
export const GUEST_PARAMETERS: readonly string[] = [...PERMISSION_KINDS, ...SETTINGS];

/** In an `import` list: packages of npm, which have no host to name. */
export const NPM_PACKAGES = "npm:";

const MIB = 1024 * 1024;
const UNITS: Readonly<Record<string, number>> = { "": 1, KiB: 1024, MiB: MIB, GiB: 1024 * MIB };
const DEFAULT_TIMEOUT_MS = 250;
const DEFAULT_MEMORY = 256 * MIB;
/** Less would not even hold the program that runs a guest. */
const LEAST_MEMORY = 64 * MIB;
/** Letters that may be wrong in the name of a setting for it to be recognized. */
const MOST_SLIPS = 2;
/** What a Worker cannot be given: it would hold for the whole process. */
const NOT_FOR_WORKERS: readonly PermissionKind[] = ["sys", "run", "ffi"];
/** What Deno itself would take for the end of a value. */
const UNUSABLE = /[,\0]/;

/**
 * Reads the guest parameters of a spec. Relative paths are relative to `directory`, which is absolute.
 *
 * @throws {ParameterError} naming the parameter, its value and what is allowed.
 *
 * @example
 * ```ts
 * import { guestSettings } from "./guest_permissions.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const parameters = { net: "127.0.0.1:9000;api.example.com:443", prefix: "hi" };
 * const settings = guestSettings({ name: "echo", protocol: "./echo.ts", parameters }, { directory: "/srv" });
 * assertEquals(settings.permissions.net, ["127.0.0.1:9000", "api.example.com:443"]);
 * assertEquals(settings.isolation, "process");
 * ```
 */
export function guestSettings(spec: BackendSpec, { directory }: { directory: string }): GuestSettings {
  checkSpelling(spec);
  const isolation = readIsolation(spec);
  const permissions = Object.fromEntries(
    PERMISSION_KINDS.map((kind) => [kind, readPermission(spec, { kind, isolation, directory })]),
  ) as unknown as GuestPermissions;
  const integrity = spec.parameters.integrity;
  return {
    isolation,
    permissions,
    timeout: readTimeout(spec),
    memoryLimit: readMemoryLimit(spec),
    ...(integrity !== undefined && { integrity: parseIntegrity(spec, integrity) }),
  };
}

/** What a guest needs to load its own module, beside what it was granted. A pinned module is handed over. */
export function withModule(
  permissions: GuestPermissions,
  { module, pinned }: { module: string; pinned: boolean },
): GuestPermissions {
  const url = new URL(module);
  if (pinned || url.protocol === "data:") return permissions;
  if (url.protocol === "file:") return add(permissions, "read", decodeURIComponent(url.pathname));
  if (url.protocol === "npm:") return add(permissions, "import", NPM_PACKAGES);
  const host = url.protocol === "jsr:" ? "jsr.io:443" : `${url.hostname}:${url.port || defaultPort(url)}`;
  return add(permissions, "import", host);
}

/** The permissions as grants, each with its reason. Packages of npm take none. */
export function grantsOf(permissions: GuestPermissions, reason: (kind: PermissionKind) => string): Grant[] {
  return PERMISSION_KINDS.flatMap((kind) =>
    permissions[kind].filter((value) => value !== NPM_PACKAGES)
      .map((value) => ({ kind, value, reason: reason(kind) }))
  );
}

/**
 * The permissions as flags of `deno run`. Kinds without a value are not permitted at all.
 *
 * @throws {Error} for the user if a value has a comma, which flags cannot express.
 */
export function guestFlags(permissions: GuestPermissions): string[] {
  return [...permissionFlags(grantsOf(permissions, (kind) => kind)), ...importFlags(permissions.import)];
}

/** The flags that forbid what an `import` list does not name: without a list, Deno permits a few well-known hosts. */
export function importFlags(values: readonly string[]): string[] {
  const hasNpm = values.includes(ANYTHING) || values.includes(NPM_PACKAGES);
  const hasHosts = values.some((value) => value !== NPM_PACKAGES);
  return [...(hasHosts ? [] : ["--no-remote"]), ...(hasNpm ? [] : ["--no-npm"])];
}

/** The permissions as a Worker is given them. */
export function workerPermissions(permissions: GuestPermissions): Deno.PermissionOptionsObject {
  const permitted = permissionSet(grantsOf(permissions, (kind) => kind));
  return Object.fromEntries(PERMISSION_KINDS.map((kind) => [kind, permitted[kind] ?? false]));
}

/** A spec as its module sees it. */
export function moduleSpec(spec: BackendSpec): BackendSpec {
  const parameters = Object.entries(spec.parameters).filter(([name]) => !GUEST_PARAMETERS.includes(name));
  return { ...spec, parameters: Object.fromEntries(parameters) };
}

/** A module may take any parameter; one that looks like a setting would not be missed, but what it is for would be. */
function checkSpelling(spec: BackendSpec): void {
  for (const key of Object.keys(spec.parameters)) {
    const meant = SETTINGS.find((name) => key !== name && levenshteinDistance(key, name) <= MOST_SLIPS);
    if (meant !== undefined) throw new ParameterError(spec, key, `is unknown: did you mean "${meant}"?`);
  }
}

function readIsolation(spec: BackendSpec): Isolation {
  const text = spec.parameters.isolation ?? "process";
  if (text === "process" || text === "worker" || text === "none") return text;
  if (/^task:[\w][\w:.-]*$/.test(text)) return text as `task:${string}`;
  throw new ParameterError(
    spec,
    "isolation",
    `is "${text}", but must be process, worker, none or task: with the name of a task`,
  );
}

function readPermission(
  spec: BackendSpec,
  { kind, isolation, directory }: { kind: PermissionKind; isolation: Isolation; directory: string },
): readonly string[] {
  const text = spec.parameters[kind];
  if (text === undefined) return [];
  if (isolation === "worker" && NOT_FOR_WORKERS.includes(kind)) {
    throw new ParameterError(spec, kind, "cannot be granted to a Worker: use isolation=process");
  }
  if (isolation.startsWith("task:") && kind !== "net") {
    throw new ParameterError(spec, kind, `cannot be granted here: task ${isolation.slice(5)} grants it`);
  }
  const values = text.split(";").map((value) => value.trim()).filter((value) => value !== "");
  if (values.includes(ANYTHING)) return [ANYTHING];
  return values.map((value) => readValue(spec, { kind, value, directory }));
}

function readValue(
  spec: BackendSpec,
  { kind, value, directory }: { kind: PermissionKind; value: string; directory: string },
): string {
  if (UNUSABLE.test(value)) {
    throw new ParameterError(spec, kind, `has "${value}", but Deno takes no value with a comma`);
  }
  if (kind === "net") {
    const entry = parseNetEntry(value);
    if (entry !== undefined) return entry.text;
    throw new ParameterError(
      spec,
      kind,
      `has "${value}", but must have host:port, [IPv6]:port, 10.0.0.0/8:port or unix:/path`,
    );
  }
  const isPath = kind === "read" || kind === "write" || kind === "ffi" ||
    kind === "run" && value.includes("/");
  return isPath ? resolve(directory, value) : value;
}

function readTimeout(spec: BackendSpec): number {
  const text = spec.parameters["guest-timeout"];
  if (text === undefined) return DEFAULT_TIMEOUT_MS;
  const value = parseWholeNumber(text, { min: 1, max: MAX_MILLISECONDS });
  if (value !== undefined) return value;
  throw new ParameterError(spec, "guest-timeout", `is "${text}", but must be a number of milliseconds`);
}

function readMemoryLimit(spec: BackendSpec): number {
  const text = spec.parameters["memory-limit"];
  if (text === undefined) return DEFAULT_MEMORY;
  const [, digits, unit] = /^(\d+)(KiB|MiB|GiB|)$/.exec(text) ?? [];
  const value = Number(digits) * UNITS[unit ?? ""]!;
  if (value >= LEAST_MEMORY && value <= Number.MAX_SAFE_INTEGER) return value;
  throw new ParameterError(
    spec,
    "memory-limit",
    `is "${text}", but must be 64MiB or more: a number of bytes, KiB, MiB or GiB`,
  );
}

function add(permissions: GuestPermissions, kind: PermissionKind, value: string): GuestPermissions {
  if (permissions[kind].includes(ANYTHING)) return permissions;
  return { ...permissions, [kind]: [...permissions[kind], value] };
}

function defaultPort(url: URL): string {
  return url.protocol === "http:" ? "80" : "443";
}
