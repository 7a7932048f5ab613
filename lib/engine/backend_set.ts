/**
 * The backends of a running multiplexer: built, put into the routing table, replaced, drained, removed.
 *
 * @module
 */

import { ConfigError } from "../config/errors.ts";
import { backendSubject } from "../config/origins.ts";
import type { BackendSpec, NetworkProtocol } from "../config/types.ts";
import type { ConnectionTable } from "../net/connection_table.ts";
import { deadline } from "../net/deadlines.ts";
import { type Backend, isConnectionBackend, isMessageBackend } from "../routing/backend.ts";
import { BackendEntry } from "../routing/backend_entry.ts";
import type { BackendContext, BackendMetrics } from "../routing/backend_module.ts";
import type { ClientWriterFactory } from "../routing/client.ts";
import { isRoutable } from "../routing/health.ts";
import type { Logger } from "../routing/logger.ts";
import { messageOf } from "../routing/message_of.ts";
import type { Router } from "../routing/router.ts";
import type { BackendStatus } from "../routing/routing_strategy.ts";
import type { Events } from "./events.ts";
import type { BackendLoader } from "./loader.ts";

/** A backend that was built and initialised, with its halves. */
export interface BuiltBackend {
  readonly spec: BackendSpec;
  readonly backend: Backend;
  /** One entry for each transport that it takes. */
  readonly entries: readonly BackendEntry[];
}

/** What a set works with. */
export interface BackendSetOptions {
  readonly loader: BackendLoader;
  readonly router: Router;
  readonly connections: ConnectionTable;
  readonly events: Events;
  readonly logger: Logger;
  /** What of the context is the same for all backends. */
  readonly context: Pick<BackendContext, "net" | "buffers">;
  /** Takes what a backend reports about itself. */
  readonly metrics?: (backend: string) => BackendMetrics;
  readonly clientWriterFactory: ClientWriterFactory;
}

/** How long a backend may take to free what it holds; guests are given less. */
const FREEING_MS = 4000;

/** The backends, in routing order. */
export class BackendSet {
  readonly #options: BackendSetOptions;
  #current: readonly BuiltBackend[] = [];
  readonly #leaving = new Set<BuiltBackend>();

  /** An empty set. */
  constructor(options: BackendSetOptions) {
    this.#options = options;
  }

  /** The backends that take traffic, in routing order. */
  get current(): readonly BuiltBackend[] {
    return this.#current;
  }

  /** All backends with their halves, those that drain too. */
  statuses(): BackendStatus[] {
    return [...this.#current, ...this.#leaving].flatMap(({ entries }) => entries);
  }

  /** The backend of a name. */
  find(name: string): BuiltBackend | undefined {
    return this.#current.find(({ spec }) => spec.name === name);
  }

  /**
   * Builds and initialises a backend without giving it traffic.
   *
   * @throws {Error} for the user; nothing is left behind.
   */
  async build(spec: BackendSpec): Promise<BuiltBackend> {
    const { loader, logger, context, clientWriterFactory, events } = this.#options;
    const entries: BackendEntry[] = [];
    const own: BackendContext = {
      ...context,
      logger: logger.child("backend", { backend: spec.name }),
      metrics: this.#options.metrics?.(spec.name),
      availability: {
        lost: (reason) => entries.forEach((entry) => entry.transition({ type: "ejected", reason })),
        regained: () => entries.forEach((entry) => entry.transition({ type: "cooldown-over" })),
      },
    };
    const backend = await loader.create(spec, own).catch((error) => {
      throw naming(spec, error);
    });
    try {
      if (isMessageBackend(backend)) await backend.initialize(clientWriterFactory);
      const { matchers } = await loader.load(spec.protocol);
      const transports: NetworkProtocol[] = [];
      if (isConnectionBackend(backend)) transports.push("tcp");
      if (isMessageBackend(backend)) transports.push("udp");
      for (const networkProtocol of transports) {
        const entry = new BackendEntry({ backend, networkProtocol, matchers });
        entry.onHealth = (changed, before) => {
          const { health } = changed;
          // Checks count on while nothing changes.
          if (health.state === before.state && isRoutable(health) === isRoutable(before)) return;
          events.emit("healthChanged", { backend: changed, before });
        };
        entries.push(entry);
      }
      return { spec, backend, entries };
    } catch (error) {
      await this.#free(backend, spec);
      throw naming(spec, error);
    }
  }

  /** Frees backends that were built and are not wanted after all. */
  async discard(backends: readonly BuiltBackend[]): Promise<void> {
    for (const { backend, spec } of backends) await this.#free(backend, spec);
  }

  /**
   * Makes these the backends that take traffic. Those that are no longer among them stop taking any at once;
   * they are answered, to be given to {@linkcode BackendSet.drain}.
   */
  replace(next: readonly BuiltBackend[]): readonly BuiltBackend[] {
    const { router, events } = this.#options;
    const left = this.#current.filter((built) => !next.includes(built));
    const added = next.filter((built) => !this.#current.includes(built));
    this.#current = next;
    router.replace(next.flatMap(({ entries }) => entries));
    for (const built of left) {
      this.#leaving.add(built);
      for (const entry of built.entries) entry.transition({ type: "drain" });
    }
    for (const { spec } of added) events.emit("backendAdded", spec);
    return left;
  }

  /** Lets a backend's connections finish for so long, then closes them and frees the backend. */
  async drain(built: BuiltBackend, { milliseconds }: { milliseconds: number }): Promise<void> {
    const { connections, events } = this.#options;
    const own = ({ entry }: { entry: BackendEntry | undefined }) =>
      entry !== undefined && built.entries.includes(entry);
    if (!await connections.drained(own, milliseconds)) await connections.close(own, "backend removed");
    await this.#free(built.backend, built.spec);
    for (const entry of built.entries) entry.transition({ type: "stop" });
    this.#leaving.delete(built);
    events.emit("backendRemoved", built.spec);
  }

  /** That one fails to stop, or does not, keeps nobody from anything. */
  async #free(backend: Backend, { name }: BackendSpec): Promise<void> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const limit = deadline(FREEING_MS, () => reject(new Error(`it has not stopped within ${FREEING_MS} ms`)));
    try {
      await Promise.race([backend[Symbol.asyncDispose](), late]);
    } catch (error) {
      this.#options.logger.warn("backend failed to stop", { backend: name, reason: messageOf(error) });
    } finally {
      limit.cancel();
    }
  }
}

/** Makes sure that an error for the user says which backend it is about. */
export function naming({ name }: Pick<BackendSpec, "name">, cause: unknown): ConfigError {
  const message = messageOf(cause);
  const prefix = `Cannot use backend "${name}"`;
  const named = cause instanceof Error && message.startsWith(prefix);
  return new ConfigError(named ? message : `${prefix}: ${message}`, { subject: backendSubject(name), cause });
}
