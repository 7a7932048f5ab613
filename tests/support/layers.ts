/**
 * The rules that hold the layout of `lib/`, as functions from the source tree to what breaks them.
 *
 * @module
 */

import type { SourceFile } from "./source_file.ts";

/** A rule: gives one line per breach, which begins with the path of the file. */
export type LayoutRule = (files: readonly SourceFile[]) => string[];

/** The most lines of code a file may have. */
const MAX_LINES = 350;

/** The folders whose code does no I/O. */
const PURE_FOLDERS = ["lib/protocol", "lib/config", "lib/routing"];

const SOCKET_MEMBERS = ["listen", "listenDatagram", "connect"];

const SNAKE_CASE = /^(?:[a-z0-9]+(?:_[a-z0-9]+)*\/)*[a-z0-9]+(?:_[a-z0-9]+)*(?:\.d)?\.ts$/;

/** The rules by what they demand. */
export const layoutRules: Readonly<Record<string, LayoutRule>> = {
  "lib/protocol imports no other folder": breaches((file, specifier) =>
    isIn(file.path, "lib/protocol") && isIn(specifier, "lib") && !isIn(specifier, "lib/protocol")
  ),
  "lib/config and lib/routing import no folder that does I/O": breaches((file, specifier) =>
    isIn(file.path, "lib/config", "lib/routing") && isIn(specifier, "lib") &&
    !isIn(specifier, ...PURE_FOLDERS)
  ),
  "the pure folders import no node: module": breaches((file, specifier) =>
    isIn(file.path, ...PURE_FOLDERS) && specifier.startsWith("node:")
  ),
  "lib/net imports nothing of lib/backends": breaches((file, specifier) =>
    isIn(file.path, "lib/net") && isIn(specifier, "lib/backends")
  ),
  "what carries traffic imports nothing of what drives it": breaches((file, specifier) =>
    isIn(file.path, "lib/net", "lib/backends", "lib/telemetry") &&
    isIn(specifier, "lib/engine", "lib/sandbox", "lib/cli")
  ),
  "only lib/cli imports lib/cli": breaches((file, specifier) =>
    isIn(file.path, "lib") && !isIn(file.path, "lib/cli") && isIn(specifier, "lib/cli")
  ),
  "lib imports nothing of tests": breaches((_file, specifier) => isIn(specifier, "tests")),
  "the pure folders do not name Deno": denoBreaches((file) => isIn(file.path, ...PURE_FOLDERS)),
  "only lib/net and lib/sandbox listen and connect": denoBreaches((file, member) =>
    SOCKET_MEMBERS.includes(member) && !isIn(file.path, "lib/net", "lib/sandbox")
  ),
  "files are named in snake_case": (files) =>
    files.filter(({ path }) => !SNAKE_CASE.test(path)).map(({ path }) => path),
  [`no file has more than ${MAX_LINES} lines of code`]: (files) =>
    files.filter(({ lines }) => lines > MAX_LINES).map(({ path, lines }) => `${path} has ${lines}`),
  "no imports form a cycle": importCycles,
};

function isIn(path: string, ...folders: string[]): boolean {
  return folders.some((folder) => path.startsWith(`${folder}/`));
}

function breaches(isBreach: (file: SourceFile, specifier: string) => boolean): LayoutRule {
  return (files) =>
    files.flatMap((file) =>
      file.imports.filter((specifier) => isBreach(file, specifier))
        .map((specifier) => `${file.path} imports ${specifier}`)
    );
}

function denoBreaches(isBreach: (file: SourceFile, member: string) => boolean): LayoutRule {
  return (files) =>
    files.flatMap((file) =>
      file.denoMembers.filter((member) => isBreach(file, member))
        .map((member) => `${file.path} names Deno${member === "*" ? "" : `.${member}`}`)
    );
}

/** Depth-first search; every import of a file that is still being visited closes a cycle. */
function importCycles(files: readonly SourceFile[]): string[] {
  const importsOf = new Map(files.map(({ path, imports }) => [path, imports]));
  const cycles: string[] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  function visit(path: string): void {
    const start = trail.indexOf(path);
    if (start >= 0) cycles.push([...trail.slice(start), path].join(" → "));
    if (start >= 0 || done.has(path)) return;
    trail.push(path);
    for (const specifier of importsOf.get(path) ?? []) visit(specifier);
    trail.pop();
    done.add(path);
  }
  for (const path of importsOf.keys()) visit(path);
  return cycles;
}
