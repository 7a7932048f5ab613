/**
 * A cache directory for Deno in which a program can keep nothing.
 *
 * `localStorage` and `caches` take no permission: Deno keeps them below its cache directory, in files without a
 * limit that all programs with the same main module share. A process that may write nothing shall not have them.
 *
 * @module
 */

import { join, resolve } from "node:path";

/** Environment variables by name. */
export type ReadVariable = (name: string) => string | undefined;

/** What a process that shall keep nothing is started with; to be disposed when it has ended. */
export interface CacheView extends Disposable {
  /** Variables for its environment: none where such a directory cannot be made. */
  readonly env: Readonly<Record<string, string>>;
}

/** Where Deno puts what programs keep. */
const KEPT = "location_data";
/** What Deno makes only when it first needs it, and should keep. */
const MADE_LATE = ["npm", "remote"];

/** Makes a directory with all that is in Deno's own, but for what programs keep. */
export function cacheView(env: ReadVariable): CacheView {
  const real = cacheDirectory(env);
  let path: string | undefined;
  const remove = () => {
    if (path !== undefined) Deno.removeSync(path, { recursive: true });
    path = undefined;
  };
  try {
    if (real === undefined) return { env: {}, [Symbol.dispose]: remove };
    for (const name of MADE_LATE) Deno.mkdirSync(join(real, name), { recursive: true });
    path = Deno.makeTempDirSync({ prefix: "pmmux-cache-" });
    for (const { name } of Deno.readDirSync(real)) {
      if (name !== KEPT) Deno.symlinkSync(join(real, name), join(path, name));
    }
    // Nothing can be made below a file.
    Deno.writeFileSync(join(path, KEPT), new Uint8Array(0));
    return { env: { DENO_DIR: path }, [Symbol.dispose]: remove };
  } catch {
    // This process may not make one, or there is no room for it.
    remove();
    return { env: {}, [Symbol.dispose]: remove };
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
