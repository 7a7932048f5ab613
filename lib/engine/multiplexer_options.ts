/**
 * What a multiplexer is made of, and how it is told what to do.
 *
 * @module
 */

import type { Config } from "../config/types.ts";
import type { BackendMetrics } from "../routing/backend_module.ts";
import type { Logger } from "../routing/logger.ts";
import type { ConnectionNegotiator } from "../routing/negotiator.ts";
import type { RoutingStrategy } from "../routing/routing_strategy.ts";
import type { TrafficObserver } from "../routing/traffic.ts";
import type { Events } from "./events.ts";
import type { BackendLoader } from "./loader.ts";

/**
 * A configuration of which anything may be left to its default.
 *
 * @example
 * ```ts
 * import { Multiplexer, type MultiplexerConfig, parseBackendSpec, parseBindingSpec } from "@pmmux/cli/mod";
 *
 * const config: MultiplexerConfig = {
 *   backends: [parseBackendSpec("web:pass:target.ip=127.0.0.1,target.port=3000")],
 *   portBindings: parseBindingSpec("!:?:tcp:bind-address=127.0.0.1"),
 *   idleTimeout: 300_000,
 * };
 * await using multiplexer = new Multiplexer(config);
 * await multiplexer.start();
 * ```
 */
export type MultiplexerConfig = Partial<Config>;

/**
 * What a multiplexer works with beside its configuration.
 *
 * @example
 * ```ts
 * import { Multiplexer, type MultiplexerOptions } from "@pmmux/cli/mod";
 *
 * const options: MultiplexerOptions = {
 *   observer: { closed: ({ client, end }) => console.log(client.remote.address, end) },
 *   random: () => 0.5,
 * };
 * await using multiplexer = new Multiplexer({}, options);
 * await multiplexer.start();
 * ```
 */
export interface MultiplexerOptions {
  /** Where it logs; nowhere unless given. */
  readonly logger?: Logger;
  /**
   * Told of connections and sessions, of as much as it has methods for; `trafficLog` makes one that logs. What it
   * throws is logged.
   */
  readonly observer?: Partial<TrafficObserver>;
  /** Loads backend modules; relative to the working directory unless given. */
  readonly loader?: BackendLoader;
  /** Takes what a backend reports about itself. */
  readonly backendMetrics?: (backend: string) => BackendMetrics;
  /** Strategies beside the built-in ones. */
  readonly strategies?: readonly RoutingStrategy[];
  /** Steps before routing, for TCP connections; the last one is asked first. */
  readonly negotiators?: readonly ConnectionNegotiator[];
  /** What tells of changes; an own one unless given. */
  readonly events?: Events;
  /** Lets other processes listen on the same TCP ports and share their connections. */
  readonly reusePort?: boolean;
  /** Numbers in [0, 1). */
  readonly random?: () => number;
}

/**
 * How a backend is removed.
 *
 * @example
 * ```ts
 * import { Multiplexer, parseBackendSpec, type RemoveOptions } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * await using multiplexer = new Multiplexer({ backends: [parseBackendSpec("nobody:noop:")] });
 * await multiplexer.start();
 * const patiently: RemoveOptions = { deadline: 30_000 };
 * await multiplexer.removeBackend("nobody", patiently);
 * assertEquals(multiplexer.backends, []);
 * ```
 */
export interface RemoveOptions {
  /** Closes its connections at once. */
  readonly force?: boolean;
  /** Milliseconds that its connections may go on; the `drainTimeout` of the configuration unless given. */
  readonly deadline?: number;
}
