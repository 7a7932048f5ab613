/**
 * A cache directory for Deno in which a program can keep nothing.
 *
 * `localStorage` and `caches` take no permission: Deno keeps them below its cache directory, in files without a
 * limit that all programs with the same main module share. A process that may write nothing shall not have them.
 *
 * @module
 */

import { basename, join, resolve } from "node:path";

/** Environment variables by name. */
export type ReadVariable = (name: string) => string | undefined;

/** What a process that shall keep nothing is started with; to be disposed when it has ended. */
export interface CacheView extends Disposable {
  /** Variables for its environment: none where such a directory cannot be made. */
  readonly env: Readonly<Record<string, string>>;
  /** The path of a copy of a file, which lives as long as the view; undefined if there is no such file or view. */
  copy(file: URL): string | undefined;
}

/** Where Deno puts what programs keep. */
const KEPT = "location_data";
/** What Deno makes only when it first needs it, and should keep. */
const MADE_LATE = ["npm", "remote"];

/** Makes a directory with all that is in Deno's own, but for what programs keep. */
export function cacheView(env: ReadVariable): CacheView {
  const path = makeView(cacheDirectory(env));
  return {
    env: path === undefined ? {} : { DENO_DIR: path },
    copy(file) {
      if (path === undefined) return undefined;
      // Not by its own name: what is there by that name is a link to the real thing.
      const copy = join(path, `copy-of-${basename(file.pathname)}`);
      try {
        Deno.copyFileSync(file, copy);
        return copy;
      } catch {
        return undefined;
      }
    },
    [Symbol.dispose]() {
      if (path !== undefined) Deno.removeSync(path, { recursive: true });
    },
  };
}

/** The path of a new view; undefined if this process may not make one, or there is no room for it. */
function makeView(real: string | undefined): string | undefined {
  if (real === undefined) return undefined;
  let path: string | undefined;
  try {
    for (const name of MADE_LATE) Deno.mkdirSync(join(real, name), { recursive: true });
    path = Deno.makeTempDirSync({ prefix: "pmmux-cache-" });
    for (const { name } of Deno.readDirSync(real)) {
      if (name !== KEPT) Deno.symlinkSync(join(real, name), join(path, name));
    }
    // Nothing can be made below a file.
    Deno.writeFileSync(join(path, KEPT), new Uint8Array(0));
    return path;
  } catch {
    if (path !== undefined) Deno.removeSync(path, { recursive: true });
    return undefined;
  }
}

/** Where Deno keeps its cache, if that can be known. */
function cacheDirectory(env: ReadVariable): string | undefined {
  const given = env("DENO_DIR");
  if (given !== undefined && given !== "") return resolve(given);
  const home = env("HOME");
  switch (Deno.build.os) {
    case "windows":
      return below(env("LOCALAPPDATA"), "deno");
    case "darwin":
      return below(home, "Library/Caches/deno");
    default:
      return below(env("XDG_CACHE_HOME") || below(home, ".cache"), "deno");
  }
}

function below(directory: string | undefined, name: string): string | undefined {
  return directory === undefined ? undefined : join(directory, name);
}
