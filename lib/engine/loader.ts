/**
 * Finds the module of a backend protocol, and builds backends with it. Short names and foreign modules go
 * the same way: a protocol is a URL, and its module is loaded when the first backend needs it.
 *
 * @module
 */

import type { BackendSpec } from "../config/types.ts";
import { suggest } from "../config/nearest.ts";
import type { Backend, BackendContext, BackendModule } from "../routing/contracts.ts";
import { isConnectionBackend, isMessageBackend } from "../routing/contracts.ts";
import { isMatcher, matcherNames } from "../routing/matchers.ts";
import { PASSIVE_HEALTH_PARAMETERS } from "../routing/passive_health.ts";

/**
 * The modules of this package by short name. Each import names its file: so it needs no permission to read,
 * and a compiled program contains the file.
 */
export const builtInModules: ReadonlyMap<string, () => ReturnType<ImportModule>> = new Map(Object.entries({
  "pass": () => import("../backends/pass.ts"),
  "noop": () => import("../backends/noop.ts"),
  "bittorrent-pass": () => import("../backends/bittorrent_pass.ts"),
}));

/** The parameters that every backend has beside its matchers. */
const COMMON_PARAMETERS = ["priority", ...PASSIVE_HEALTH_PARAMETERS];

/** Loads the module of a URL. */
export type ImportModule = (url: string) => Promise<{ readonly default?: unknown }>;

/** Loads backend modules, each once. */
export class BackendLoader {
  readonly #import: ImportModule;
  readonly #base: string;
  readonly #modules = new Map<string, BackendModule>();

  /** `base` is what relative URLs are relative to: the working directory. */
  constructor({ base, importModule = (url) => import(url) }: { base: string; importModule?: ImportModule }) {
    this.#base = base;
    this.#import = importModule;
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
    const builtIn = builtInModules.get(protocol);
    const url = builtIn === undefined ? this.#resolve(protocol) : protocol;
    let exports: { readonly default?: unknown };
    try {
      exports = await (builtIn?.() ?? this.#import(url));
    } catch (error) {
      throw new Error(`Cannot load backend module "${protocol}": ${(error as Error).message}`);
    }
    const module = exports.default as BackendModule | undefined;
    if (typeof module?.createBackend !== "function") {
      throw new Error(
        `Cannot use "${protocol}" as a backend module: its default export has no createBackend function`,
      );
    }
    this.#modules.set(protocol, module);
    return module;
  }

  /**
   * Builds a backend.
   *
   * @throws {Error} for the user: names the backend, the parameter and what is allowed.
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

  #resolve(protocol: string): string {
    if (/^[a-z][a-z0-9+.-]*:/i.test(protocol) || /^\.{0,2}\//.test(protocol)) {
      return new URL(protocol, this.#base).href;
    }
    const names = [...builtInModules.keys(), ...this.#modules.keys()];
    throw new Error(
      `Unknown backend protocol "${protocol}", ${suggest(protocol, names)} (or give the URL of a module)`,
    );
  }
}

function checkParameters(spec: BackendSpec, module: BackendModule): void {
  if (module.parameters === undefined) return;
  const known = [...COMMON_PARAMETERS, ...module.parameters];
  for (const key of Object.keys(spec.parameters)) {
    if (isMatcher(key) || known.some((name) => covers(name, key))) continue;
    const hint = suggest(key, [...known, ...matcherNames]);
    throw new Error(`Cannot use backend "${spec.name}": unknown parameter "${key}", ${hint}`);
  }
}

function covers(name: string, key: string): boolean {
  return name.endsWith("*") ? key.startsWith(name.slice(0, -1)) : name === key;
}

/** What relative module URLs are relative to. */
export function workingDirectory(): string {
  try {
    return `file://${Deno.cwd()}/`;
  } catch {
    return import.meta.url;
  }
}
