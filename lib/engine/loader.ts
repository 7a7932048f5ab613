/**
 * Finds the module of a backend protocol, and builds backends with it. A short name is a module of this package,
 * which is loaded when the first backend needs it; a URL or a path is one of somebody else, and runs as a guest.
 *
 * @module
 */

import { pathToFileURL } from "node:url";
import type { BackendSpec } from "../config/types.ts";
import { isModuleUrl } from "../config/module_url.ts";
import { laterProtocol } from "../config/later_capabilities.ts";
import { suggest } from "../config/nearest.ts";
import type { Backend } from "../routing/backend.ts";
import { isConnectionBackend, isMessageBackend } from "../routing/backend.ts";
import type { BackendContext, BackendModule } from "../routing/backend_module.ts";
import type { Awaitable } from "../routing/client.ts";
import { messageOf } from "../routing/message_of.ts";
import { checkParameters } from "./check_parameters.ts";
import { guestModules } from "./guest_modules.ts";

/**
 * The modules of this package by short name. Each import names its file: so it needs no permission to read,
 * and a compiled program contains the file.
 */
export const builtInModules: ReadonlyMap<string, () => ReturnType<ImportModule>> = new Map(Object.entries({
  "pass": () => import("../backends/pass.ts"),
  "noop": () => import("../backends/noop.ts"),
  "bittorrent-pass": () => import("../backends/bittorrent_pass.ts"),
}));

/**
 * Loads the module of a URL.
 *
 * @example
 * ```ts
 * import { BackendLoader, type ImportModule } from "@pmmux/cli/mod";
 *
 * const importModule: ImportModule = (url) => import(url);
 * const loader = new BackendLoader({ base: import.meta.url, importModule });
 * ```
 */
export type ImportModule = (url: string) => Promise<{ readonly default?: unknown }>;

/**
 * Makes the module of a protocol that is a URL or a path.
 *
 * @example
 * ```ts
 * import { BackendLoader, type ForeignModules } from "@pmmux/cli/mod";
 *
 * const none: ForeignModules = (protocol) => {
 *   throw new Error(`modules of others are not wanted here: ${protocol}`);
 * };
 * const loader = new BackendLoader({ base: import.meta.url, foreign: none });
 * ```
 */
export type ForeignModules = (protocol: string) => Awaitable<BackendModule>;

/**
 * What a {@linkcode BackendLoader} works with.
 *
 * @example
 * ```ts
 * import { BackendLoader, type BackendLoaderOptions } from "@pmmux/cli/mod";
 *
 * const options: BackendLoaderOptions = { base: new URL("./modules/", import.meta.url).href };
 * const loader = new BackendLoader(options);
 * ```
 */
export interface BackendLoaderOptions {
  /** The URL that relative URLs and paths are relative to; that of the working directory unless given. */
  readonly base?: string;
  /** Makes the modules of others; they run as guests unless given. */
  readonly foreign?: ForeignModules;
  /** Imports the modules of others instead, to run with all permissions of this process. */
  readonly importModule?: ImportModule;
}

/**
 * Loads backend modules, each once.
 *
 * @example
 * ```ts
 * import { BackendLoader } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const loader = new BackendLoader();
 * const module = await loader.load("pass");
 * assertEquals(module.protocol, "pass");
 * ```
 */
export class BackendLoader {
  readonly #base: string;
  readonly #foreign: ForeignModules;
  readonly #importModule: ImportModule | undefined;
  readonly #modules = new Map<string, BackendModule>();

  /** Knows the modules of this package. */
  constructor({ base = workingDirectory(), foreign, importModule }: BackendLoaderOptions = {}) {
    this.#base = base;
    this.#foreign = foreign ?? guestModules(base);
    this.#importModule = importModule;
  }

  /** Makes a module known under a protocol name, as if it had been loaded. */
  register(protocol: string, module: BackendModule): void {
    this.#modules.set(protocol, module);
  }

  /**
   * The module of a protocol.
   *
   * @throws {Error} for the user: unknown short name, module that cannot be loaded or is none.
   */
  async load(protocol: string): Promise<BackendModule> {
    const known = this.#modules.get(protocol);
    if (known !== undefined) return known;
    const module = await this.#find(protocol);
    this.#modules.set(protocol, module);
    return module;
  }

  /**
   * Builds a backend.
   *
   * @throws {Error} for the user: names the parameter and what is allowed; not all name the backend, too.
   */
  async create(spec: BackendSpec, context: BackendContext): Promise<Backend> {
    const module = await this.load(spec.protocol);
    checkParameters(spec, module);
    const backend = await module.createBackend(spec, context);
    if (isConnectionBackend(backend) || isMessageBackend(backend)) return backend;
    throw new Error(
      `Cannot use backend "${spec.name}": ${spec.protocol} takes neither connections nor messages`,
    );
  }

  async #find(protocol: string): Promise<BackendModule> {
    const builtIn = builtInModules.get(protocol);
    if (builtIn !== undefined) return await defaultExport(protocol, builtIn());
    if (!isModuleUrl(protocol)) throw this.#unknown(protocol);
    if (this.#importModule === undefined) return await this.#foreign(protocol);
    return await defaultExport(protocol, this.#importModule(new URL(protocol, this.#base).href));
  }

  get #names(): string[] {
    const names = new Set([...builtInModules.keys(), ...this.#modules.keys()]);
    return [...names].filter((name) => !isModuleUrl(name));
  }

  #unknown(protocol: string): Error {
    const later = laterProtocol(protocol);
    const hint = later === undefined
      ? `${
        suggest(protocol, this.#names)
      } (or give a module: its URL, or a path that begins with ./, ../ or /)`
      : `this version of pmmux does not have ${later} yet`;
    return new Error(`Unknown backend protocol "${protocol}", ${hint}`);
  }
}

async function defaultExport(protocol: string, loading: ReturnType<ImportModule>): Promise<BackendModule> {
  let exports: { readonly default?: unknown };
  try {
    exports = await loading;
  } catch (error) {
    throw new Error(`Cannot load backend module "${protocol}": ${messageOf(error)}`);
  }
  const module = exports.default as BackendModule | undefined;
  if (typeof module?.createBackend === "function") return module;
  throw new Error(
    `Cannot use "${protocol}" as a backend module: its default export has no createBackend function`,
  );
}

/** What relative module URLs are relative to. */
export function workingDirectory(): string {
  try {
    return pathToFileURL(`${Deno.cwd()}/`).href;
  } catch {
    return import.meta.url;
  }
}
