/**
 * How `pmmux permissions` shows permissions.
 *
 * @module
 */

import { ANYTHING, type Grant, PERMISSION_KINDS, type Scope, valuesOf } from "../sandbox/grant.ts";
import { permissionFlags } from "../sandbox/permission_list.ts";
import { configurationGrants, denoJsonOf } from "./permissions_deno_json.ts";
import type { Permissions } from "./permissions_of.ts";

/** What is shown how. */
export interface FormatOptions {
  readonly format: "text" | "flags" | "deno.json" | "json";
  /** The configuration file, as named on the command line. */
  readonly configFile: string;
  /** Whether there is that file. */
  readonly hasFile: boolean;
  /** The environment variables that the configuration refers to. */
  readonly variables: readonly string[];
}

/** Shows the permissions. */
export function formatPermissions(permissions: Permissions, options: FormatOptions): string {
  switch (options.format) {
    case "text":
      return textLines(permissions).join("\n");
    case "flags": {
      const configFile = options.hasFile ? options.configFile : undefined;
      const grants = configurationGrants({ configFile, variables: options.variables });
      return permissionFlags([...permissions.engine, ...grants]).join(" ");
    }
    case "deno.json":
      return JSON.stringify(denoJsonOf(permissions, options), null, 2);
    case "json":
      return JSON.stringify(jsonOf(permissions), null, 2);
  }
}

function textLines({ engine, guests, trusted }: Permissions): string[] {
  const sections = [
    ["engine", engine] as const,
    ...guests.map(({ name, isolation, scope }) => [`guest ${name} (isolation=${isolation})`, scope] as const),
  ];
  const meets = guests.some(({ isolation }) => isolation !== "worker");
  return [
    ...sections.flatMap(([title, scope]) => [title, ...tableOf(scope), ""]),
    ...(meets ? ["engine and guests meet on Unix sockets in a directory made for them alone"] : []),
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
