/**
 * Loads the module of a guest.
 *
 * @module
 */

import type { BackendModule } from "../routing/backend_module.ts";

/**
 * Imports a backend module, with the guest's own permissions; or, if there is source, exactly that source.
 *
 * Source has no place of its own, so its imports must be absolute.
 *
 * @throws {Error} if it cannot be loaded or is no backend module.
 */
export async function importModule(url: string, source: readonly BlobPart[]): Promise<BackendModule> {
  const { default: module } = source.length > 0 ? await importSource(url, source) : await import(url);
  if (typeof module?.createBackend === "function") return module;
  throw new Error(
    `Cannot use "${url}" as a backend module: its default export has no createBackend function`,
  );
}

async function importSource(
  url: string,
  source: readonly BlobPart[],
): Promise<{ readonly default?: BackendModule }> {
  const type = /\.m?js$/.test(new URL(url).pathname) ? "text/javascript" : "application/typescript";
  const place = URL.createObjectURL(new Blob([...source], { type }));
  try {
    return await import(place);
  } catch (error) {
    const { message } = error as Error;
    if (!/relative URL|import map/.test(message)) throw error;
    throw new Error(`A pinned module can import absolute URLs only: ${message}`);
  } finally {
    URL.revokeObjectURL(place);
  }
}
