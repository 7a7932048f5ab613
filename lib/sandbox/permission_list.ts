/**
 * A scope as Deno takes it: as flags of `deno run`, and as a permission set of a deno.json.
 *
 * @module
 */

import type { PermissionKind } from "../routing/backend_module.ts";
import { ANYTHING, PERMISSION_KINDS, type Scope, valuesOf } from "./grant.ts";

/** A permission set as deno.json has them: the values by kind, `true` for everything of the kind. */
export type PermissionSet = Readonly<Partial<Record<PermissionKind, true | readonly string[]>>>;

/**
 * The flags that permit a scope.
 *
 * @throws {Error} for the user if a value has a comma, which flags cannot express.
 *
 * @example
 * ```ts
 * import { permissionFlags } from "./permission_list.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const flags = permissionFlags([
 *   { kind: "net", value: "127.0.0.1:80", reason: "port-bindings[0]: TCP listener" },
 *   { kind: "net", value: "10.0.0.5:3000", reason: "backend web: target" },
 * ]);
 * assertEquals(flags, ["--allow-net=127.0.0.1:80,10.0.0.5:3000"]);
 * ```
 */
export function permissionFlags(scope: Scope): string[] {
  return PERMISSION_KINDS.flatMap((kind) => {
    const values = valuesOf(scope, kind);
    if (values.length === 0) return [];
    if (values.includes(ANYTHING)) return [`--allow-${kind}`];
    const unspeakable = values.find((value) => value.includes(","));
    if (unspeakable === undefined) return [`--allow-${kind}=${values.join(",")}`];
    throw new Error(
      `Cannot permit ${kind} of "${unspeakable}": Deno's --allow-${kind} has no way to write a comma`,
    );
  });
}

/** The scope as a permission set. */
export function permissionSet(scope: Scope): PermissionSet {
  return Object.fromEntries(
    PERMISSION_KINDS.map((kind) => [kind, valuesOf(scope, kind)] as const)
      .filter(([, values]) => values.length > 0)
      .map(([kind, values]) => [kind, values.includes(ANYTHING) ? true : values]),
  );
}
