/**
 * Loads the module of a guest.
 *
 * @module
 */

import type { BackendModule } from "../routing/contracts.ts";

/**
 * Imports a backend module, with the guest's own permissions; or, if there is source, exactly that source.
 *
 * Source has no place of its own, so its imports must be absolute.
 *
 * @throws {Error} if it cannot be loaded or is no backend module.
 */
export async function importModule(url: string, source: readonly BlobPart[]): Promise<BackendModule> {
  const isPinned = source.length > 0;
  const place = isPinned ? URL.createObjectURL(new Blob([...source], { type: mediaType(url) })) : url;
  try {
    const { default: module } = await import(place);
    if (typeof module?.createBackend === "function") return module;
  } finally {
    if (isPinned) URL.revokeObjectURL(place);
  }
  throw new Error(
    `Cannot use "${url}" as a backend module: its default export has no createBackend function`,
  );
}

function mediaType(url: string): string {
  return /\.m?js$/.test(new URL(url).pathname) ? "text/javascript" : "application/typescript";
}
