/**
 * Compares a scope with what a run really used, as Deno records it with `DENO_AUDIT_PERMISSIONS=file.jsonl`.
 *
 * @module
 */

import type { PermissionKind } from "../routing/backend_module.ts";
import { absolutePath, ANYTHING, PERMISSION_KINDS, type Scope } from "./grant.ts";
import { covers } from "./scope_cover.ts";

/** One permission that was used. */
export interface Usage {
  readonly kind: PermissionKind;
  /** What exactly; {@linkcode ANYTHING} where the program asked for all of a kind. */
  readonly value: string;
}

/** What a scope and a run do not have in common. */
export interface AuditResult {
  /** Used, and not in the scope; each once. */
  readonly undeclared: readonly Usage[];
  /** In the scope, and never used. */
  readonly unused: Scope;
}

/**
 * Reads a record: a line of JSON for every use. Relative paths are relative to `directory`.
 *
 * @throws {SyntaxError} naming the line that is not of that form.
 */
export function parseAudit(text: string, { directory }: { readonly directory: string }): Usage[] {
  const lines = text.split("\n");
  // A process that is killed may leave half a line.
  lines.pop();
  return lines.flatMap((line, index) => {
    if (line.trim() === "") return [];
    const usage = parseUsage(line);
    if (usage === undefined) throw new SyntaxError(`line ${index + 1} is no record of a used permission`);
    return [isPath(usage.kind) ? { ...usage, value: pathOf(usage.value, directory) } : usage];
  });
}

/** Compares what was used with what a scope declares. */
export function compareUsage(scope: Scope, used: readonly Usage[]): AuditResult {
  const distinct = new Map(used.map((usage) => [`${usage.kind} ${usage.value}`, usage]));
  const undeclared = [...distinct.values()].filter((usage) => !scope.some((grant) => covers(grant, usage)));
  const unused = scope.filter((grant) => ![...distinct.values()].some((usage) => covers(grant, usage)));
  return { undeclared, unused };
}

function parseUsage(line: string): Usage | undefined {
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof record !== "object" || record === null) return undefined;
  const { permission, value } = record as Readonly<Record<string, unknown>>;
  const kind = PERMISSION_KINDS.find((known) => known === permission);
  if (kind === undefined || (typeof value !== "string" && value !== null && value !== undefined)) {
    return undefined;
  }
  return { kind, value: value ?? ANYTHING };
}

function isPath(kind: PermissionKind): boolean {
  return kind === "read" || kind === "write" || kind === "ffi";
}

function pathOf(value: string, directory: string): string {
  if (value === ANYTHING) return value;
  if (value.startsWith("file://")) return decodeURIComponent(new URL(value).pathname);
  return absolutePath(value, directory);
}
