/**
 * How `pmmux permissions` shows permissions.
 *
 * @module
 */

import { ANYTHING, type Grant, PERMISSION_KINDS, type Scope, valuesOf } from "../sandbox/grant.ts";
import { permissionFlags, permissionSet } from "../sandbox/permission_list.ts";
import { scopeOfBackend } from "../sandbox/scope.ts";
import type { Permissions } from "./permissions_of.ts";

/** What is shown how. */
export interface FormatOptions {
  readonly format: "text" | "flags" | "deno.json" | "json";
  /** The configuration file, as named on the command line. */
  readonly configFile: string;
  /** The environment variables that the configuration refers to. */
  readonly variables: readonly string[];
}

/** What a program needs that uses the unstable parts of Deno which pmmux uses. */
const UNSTABLE_FLAGS = ["--unstable-net", "--unstable-worker-options"];

/** Shows the permissions. */
export function formatPermissions(permissions: Permissions, options: FormatOptions): string {
  switch (options.format) {
    case "text":
      return textLines(permissions).join("\n");
    case "flags":
      return permissionFlags(permissions.engine).join(" ");
    case "deno.json":
      return JSON.stringify(denoJson(permissions, options), null, 2);
    case "json":
      return JSON.stringify(jsonOf(permissions), null, 2);
  }
}

function textLines({ engine, guests, trusted }: Permissions): string[] {
  const sections = [
    ["engine", engine] as const,
    ...guests.map(({ name, scope }) => [`guest ${name}`, scope] as const),
  ];
  return [
    ...sections.flatMap(([title, scope]) => [title, ...tableOf(scope), ""]),
    ...trusted.map((name) => `${name} runs within the engine and has all of its permissions`),
  ].join("\n").trimEnd().split("\n");
}

function tableOf(scope: Scope): string[] {
  if (scope.length === 0) return ["  nothing"];
  const rows = byKind(scope).map(({ kind, value, reason }) => [kind, shown(value), reason] as const);
  const width = Math.max(...rows.map(([, value]) => value.length));
  return rows.map(([kind, value, reason]) => `  ${kind.padEnd(6)}  ${value.padEnd(width)}  ${reason}`);
}

function byKind(scope: Scope): readonly Grant[] {
  return PERMISSION_KINDS.flatMap((kind) => scope.filter((grant) => grant.kind === kind));
}

function shown(value: string): string {
  return value === ANYTHING ? "anything" : value;
}

function jsonOf({ engine, guests, trusted }: Permissions): unknown {
  const list = (scope: Scope) =>
    PERMISSION_KINDS.flatMap((kind) =>
      valuesOf(scope, kind).map((value) => ({
        kind,
        value,
        reasons: scope.filter((grant) => grant.kind === kind && grant.value === value).map(({ reason }) =>
          reason
        ),
      }))
    );
  return {
    engine: list(engine),
    guests: Object.fromEntries(guests.map(({ name, scope }) => [name, list(scope)])),
    trusted,
  };
}

/** A permission set for the engine and each backend, and a task that starts the engine with it spelled out. */
function denoJson({ engine, guests }: Permissions, { configFile, variables }: FormatOptions): unknown {
  const backends = [...new Set(engine.flatMap(({ backend }) => backend ?? []))];
  const guestScopes = new Map(guests.map(({ name, scope }) => [name, scope]));
  const sets = [...new Set([...backends, ...guestScopes.keys()])].map((name) =>
    [`backend-${name}`, permissionSet(guestScopes.get(name) ?? scopeOfBackend(engine, name))] as const
  );
  const start: Scope = [
    ...engine,
    { kind: "read", value: configFile, reason: "the configuration" },
    ...variables.map((value) => ({ kind: "env", value, reason: "the configuration" }) as const),
  ];
  return {
    permissions: { engine: permissionSet(engine), ...Object.fromEntries(sets) },
    tasks: {
      pmmux: {
        description: "Carry traffic with what the configuration needs and nothing more",
        command: ["deno run --no-prompt", ...UNSTABLE_FLAGS, ...permissionFlags(start).map(quoted), program()]
          .concat("run --no-supervisor -c", quoted(configFile)).join(" "),
      },
    },
  };
}

/** A word of a task's command line, which is read as a shell reads it. */
function quoted(word: string): string {
  return /^[\w.:,=/-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function program(): string {
  const url = new URL(import.meta.resolve("../../main.ts"));
  return url.protocol === "file:" ? quoted(decodeURIComponent(url.pathname)) : url.href;
}
