/**
 * What the extensions of a configuration add, taken together.
 *
 * @module
 */

import { ConfigError } from "../config/errors.ts";
import { extensionSubject } from "../config/origins.ts";
import type { Config } from "../config/types.ts";
import type { PermissionNeed } from "../routing/backend_module.ts";
import { type Logger, silentLogger } from "../routing/logger.ts";
import { messageOf } from "../routing/message_of.ts";
import type { ConnectionNegotiator } from "../routing/negotiator.ts";
import type { RoutingStrategy } from "../routing/routing_strategy.ts";
import { strategies } from "../routing/strategies.ts";
import type { MetricSink } from "../telemetry/metric_sink.ts";
import { Events } from "./events.ts";
import type { Extension, ExtensionRegistry, StartHook } from "./extension.ts";
import { type LoadedExtension, loadExtensions, type LoadOptions } from "./load_extensions.ts";
import { BackendLoader, builtInModules } from "./loader.ts";

/** Something that one extension adds. */
export interface Contribution<T> {
  /** The extension's name. */
  readonly extension: string;
  /** What it adds. */
  readonly value: T;
}

/** What registering works with. */
export interface RegisterOptions extends LoadOptions {
  /** Where extensions log; nowhere unless given. */
  readonly logger?: Logger;
  /** Loads the backend modules beside those of extensions. */
  readonly loader?: BackendLoader;
}

const SHORT_NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** Everything that a multiplexer is given by extensions. */
export class ExtensionSet {
  /** Loads backend modules, those of the extensions too. */
  readonly loader: BackendLoader;
  /** The events that extensions have subscribed to. */
  readonly events: Events;
  /** Routing strategies. */
  readonly strategies: RoutingStrategy[] = [];
  /** Steps before routing, in the order in which they were added. */
  readonly negotiators: ConnectionNegotiator[] = [];
  /** Where metrics go. */
  readonly sinks: MetricSink[] = [];
  /** What has to be permitted. */
  readonly permissions: Contribution<PermissionNeed>[] = [];
  /** What is called once the multiplexer has started. */
  readonly startHooks: Contribution<StartHook>[] = [];
  readonly #logger: Logger;
  readonly #lines: string[] = [];
  readonly #owners = new Map<string, string>();

  /** A set without extensions. */
  constructor({ logger = silentLogger, loader }: Pick<RegisterOptions, "logger" | "loader"> = {}) {
    this.#logger = logger;
    this.loader = loader ?? new BackendLoader();
    this.events = new Events(logger.child("multiplexer"));
  }

  /** One line for each extension: its name, where it came from, and what it adds. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /**
   * Takes what an extension adds.
   *
   * @throws {ConfigError} if it fails to register, or adds what is there already.
   */
  async add(
    { specifier, extension }: LoadedExtension,
    options: ExtensionRegistry["options"],
  ): Promise<void> {
    const added: string[] = [];
    try {
      await extension.register(this.#registry(extension, { options, added }));
    } catch (error) {
      throw new ConfigError(
        `cannot register extension "${extension.name}" (${specifier}): ${messageOf(error)}`,
        { subject: extensionSubject(specifier), cause: error },
      );
    }
    const parts = [
      ...added,
      ...Object.values(extension.options ?? {}).map(({ name }) => `option --${name}`),
      ...(extension.commands ?? []).map(({ name }) => `command ${name}`),
    ];
    this.#lines.push(`extension   ${extension.name} (${specifier}): ${parts.join(", ") || "adds nothing"}`);
  }

  #registry(
    { name: extension }: Extension,
    { options, added }: Pick<ExtensionRegistry, "options"> & { readonly added: string[] },
  ): ExtensionRegistry {
    const claim = (what: string) => {
      const owner = this.#owners.get(what);
      if (owner !== undefined) throw new Error(`${what} is already there: extension "${owner}" adds it`);
      this.#owners.set(what, extension);
      added.push(what);
    };
    return {
      options,
      logger: this.#logger.child(`extension-${extension}`),
      events: { on: (name, subscriber) => this.events.on(name, subscriber) },
      backendModule: (protocol, module) => {
        if (!SHORT_NAME.test(protocol)) throw new Error(`"${protocol}" is no short name of a protocol`);
        if (builtInModules.has(protocol)) throw new Error(`protocol ${protocol} is already built in`);
        claim(`protocol ${protocol}`);
        this.loader.register(protocol, module);
      },
      strategy: (strategy) => {
        if (strategies.has(strategy.name)) throw new Error(`strategy ${strategy.name} is already built in`);
        claim(`strategy ${strategy.name}`);
        this.strategies.push(strategy);
      },
      negotiator: (negotiator) => {
        claim(`negotiator ${negotiator.name}`);
        this.negotiators.push(negotiator);
      },
      metricSink: (sink) => {
        claim(`metric sink ${sink.name}`);
        this.sinks.push(sink);
      },
      permission: (value) => void this.permissions.push({ extension, value }),
      onStart: (value) => void this.startHooks.push({ extension, value }),
    };
  }
}

/**
 * Loads the extensions of a configuration and has them register.
 *
 * @throws {ConfigError} for the user, about one of them.
 */
export async function registerExtensions(
  { extensions, extensionOptions }: Pick<Config, "extensions" | "extensionOptions">,
  options: RegisterOptions = {},
): Promise<ExtensionSet> {
  const set = new ExtensionSet(options);
  for (const loaded of await loadExtensions(extensions, options)) {
    await set.add(loaded, extensionOptions[loaded.extension.name] ?? {});
  }
  return set;
}
