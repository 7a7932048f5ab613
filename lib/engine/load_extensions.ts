/**
 * Loads extension modules.
 *
 * @module
 */

import { ConfigError } from "../config/errors.ts";
import { extensionSubject } from "../config/origins.ts";
import { messageOf } from "../routing/message_of.ts";
import type { Extension } from "./extension.ts";
import { type ImportModule, workingDirectory } from "./loader.ts";

/** An extension, and where it came from. */
export interface LoadedExtension {
  /** The URL or path as it was given. */
  readonly specifier: string;
  /** What its module exports. */
  readonly extension: Extension;
}

/** How modules are loaded. */
export interface LoadOptions {
  /** What relative URLs and paths are relative to; the working directory unless given. */
  readonly base?: string;
  /** Imports a module. */
  readonly importModule?: ImportModule;
}

const EXTENSION_NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/**
 * Loads extensions one after another, in their order.
 *
 * @throws {ConfigError} which names the URL, if a module cannot be loaded or is no extension, or if two extensions have
 * the same name.
 */
export async function loadExtensions(
  specifiers: readonly string[],
  { base = workingDirectory(), importModule = (url) => import(url) }: LoadOptions = {},
): Promise<readonly LoadedExtension[]> {
  const loaded: LoadedExtension[] = [];
  for (const specifier of specifiers) {
    const extension = await loadExtension(specifier, { base, importModule });
    const same = loaded.find((other) => other.extension.name === extension.name);
    if (same !== undefined) {
      const name = `extension "${extension.name}"`;
      throw new ConfigError(`${same.specifier} and ${specifier} are both ${name}; one is loaded once`, {
        subject: extensionSubject(specifier),
      });
    }
    loaded.push({ specifier, extension });
  }
  return loaded;
}

async function loadExtension(
  specifier: string,
  { base, importModule }: Required<LoadOptions>,
): Promise<Extension> {
  const subject = extensionSubject(specifier);
  let exports: { readonly default?: unknown };
  try {
    exports = await importModule(new URL(specifier, base).href);
  } catch (error) {
    throw new ConfigError(`cannot load extension "${specifier}": ${messageOf(error)}`, {
      subject,
      cause: error,
    });
  }
  const fault = faultOf(exports.default);
  if (fault === undefined) return exports.default as Extension;
  throw new ConfigError(`cannot use "${specifier}" as an extension: its default export ${fault}`, {
    subject,
  });
}

function faultOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return "is no object";
  const { name, version, register } = value as Partial<Extension>;
  if (typeof name !== "string" || !EXTENSION_NAME.test(name)) {
    return "has no name in lower case, with hyphens between words";
  }
  if (version !== undefined && typeof version !== "string") return "has a version that is no text";
  return typeof register === "function" ? undefined : "has no register function";
}
