/**
 * What happens to the parts of a running multiplexer, for whoever wants to know.
 *
 * @module
 */

import type { BackendSpec, HealthCheckSpec, NetworkProtocol } from "../config/types.ts";
import type { Health } from "../routing/health.ts";
import type { Logger } from "../routing/logger.ts";
import { messageOf } from "../routing/message_of.ts";
import type { BackendStatus } from "../routing/routing_strategy.ts";

/**
 * A socket that accepts connections or datagrams.
 *
 * @example
 * ```ts
 * import { type ListenerInfo, Multiplexer, parseBindingSpec } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * await using multiplexer = new Multiplexer({ portBindings: parseBindingSpec("!:?:tcp:bind-address=127.0.0.1") });
 * await multiplexer.start();
 * const [listener]: readonly ListenerInfo[] = multiplexer.listeners;
 * assertEquals([listener?.networkProtocol, listener?.address], ["tcp", "127.0.0.1"]);
 * ```
 */
export interface ListenerInfo {
  /** The transport. */
  readonly networkProtocol: NetworkProtocol;
  /** The address it is bound to. */
  readonly address: string;
  /** The real port. */
  readonly port: number;
}

/**
 * The events by name, and what each tells.
 *
 * @example
 * ```ts
 * import type { MultiplexerEvents } from "@pmmux/cli/mod";
 *
 * const onHealth = ({ backend, before }: MultiplexerEvents["healthChanged"]) =>
 *   console.log(`${backend.spec.name}: ${before.state} → ${backend.health.state}`);
 * ```
 */
export interface MultiplexerEvents {
  /** A backend takes connections from now on. */
  backendAdded: BackendSpec;
  /** A backend is gone, with all its connections. */
  backendRemoved: BackendSpec;
  /** The state of a backend's health changed, or whether it takes traffic: not just a count of checks. */
  healthChanged: { readonly backend: BackendStatus; readonly before: Health };
  /** A health check has ended. */
  healthChecked: {
    readonly backend: BackendStatus;
    readonly healthy: boolean;
    readonly milliseconds: number;
  };
  /** A health check applies from now on. */
  healthCheckAdded: HealthCheckSpec;
  /** A health check no longer applies. */
  healthCheckRemoved: HealthCheckSpec;
  /** A listener accepts from now on. */
  listenerAdded: ListenerInfo;
  /** A listener is closed. */
  listenerRemoved: ListenerInfo;
}

type Subscriber = (detail: never) => unknown;

/**
 * Delivers events at once, in the order of subscription. A subscriber that throws or rejects is logged.
 *
 * @example
 * ```ts
 * import { Events, Multiplexer, parseBackendSpec, silentLogger } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const events = new Events(silentLogger);
 * const names: string[] = [];
 * const end = events.on("backendAdded", ({ name }) => names.push(name));
 * await using multiplexer = new Multiplexer({ backends: [parseBackendSpec("nobody:noop:")] }, { events });
 * await multiplexer.start();
 * end();
 * assertEquals(names, ["nobody"]);
 * ```
 */
export class Events {
  readonly #subscribers = new Map<keyof MultiplexerEvents, Set<Subscriber>>();
  readonly #logger: Logger;

  /** Events without subscribers. */
  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Subscribes; the function that comes back ends the subscription. */
  on<K extends keyof MultiplexerEvents>(
    name: K,
    subscriber: (detail: MultiplexerEvents[K]) => unknown,
  ): () => void {
    const own = this.#subscribers.get(name) ?? new Set();
    this.#subscribers.set(name, own.add(subscriber));
    return () => void own.delete(subscriber);
  }

  /** Tells all subscribers. */
  emit<K extends keyof MultiplexerEvents>(name: K, detail: MultiplexerEvents[K]): void {
    const failed = (error: unknown) =>
      this.#logger.error("a subscriber failed", { event: name, reason: messageOf(error) });
    for (const subscriber of this.#subscribers.get(name) ?? []) {
      try {
        const answer = subscriber(detail as never);
        if (answer instanceof Promise) answer.catch(failed);
      } catch (error) {
        failed(error);
      }
    }
  }
}
