/**
 * What a permission is, and what it is for.
 *
 * @module
 */

import type { PermissionKind } from "../routing/backend_module.ts";

/** One permission, with the reason for it. */
export interface Grant {
  /** The kind. */
  readonly kind: PermissionKind;
  /** What exactly, as Deno's `--allow-…` takes it, or {@linkcode ANYTHING}. */
  readonly value: string;
  /** Why it is needed: `port-bindings[0]: TCP listener`. */
  readonly reason: string;
  /** The backend that needs it, if it is one. */
  readonly backend?: string;
}

/** Everything that a process has to be permitted. Several grants may have the same kind and value. */
export type Scope = readonly Grant[];

/** The value of a grant that permits all there is of its kind. Deno itself has no such value. */
export const ANYTHING = "*";

/** The kinds in the order in which they are shown. */
export const PERMISSION_KINDS: readonly PermissionKind[] = [
  "net",
  "read",
  "write",
  "env",
  "sys",
  "import",
  "run",
  "ffi",
];

/** A path from the root; nothing is read to find it. */
export function absolutePath(path: string, directory: string): string {
  return path.startsWith("/") || /^[A-Za-z]:[\\/]/.test(path)
    ? path
    : `${directory.replace(/\/$/, "")}/${path}`;
}

/** The values of a kind, each once, in the order of the scope. */
export function valuesOf(scope: Scope, kind: PermissionKind): readonly string[] {
  return [...new Set(scope.filter((grant) => grant.kind === kind).map(({ value }) => value))];
}
