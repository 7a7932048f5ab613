/**
 * The contract of routing strategies: what they know, and what they answer. Everything here is part of the public API.
 *
 * @module
 */

import type { NetworkProtocol } from "../config/types.ts";
import type { BackendInfo } from "./backend.ts";
import type { ClientInfo, Properties } from "./client.ts";
import type { Health } from "./health.ts";

/**
 * A backend as the routing strategy and a listing see it.
 *
 * @example
 * ```ts
 * import { type BackendStatus, Multiplexer, parseBackendSpec } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * await using multiplexer = new Multiplexer({ backends: [parseBackendSpec("nobody:noop:")] });
 * await multiplexer.start();
 * const busy = ({ activeConnections }: BackendStatus) => activeConnections > 0;
 * assertEquals(multiplexer.backends.filter(busy), []);
 * ```
 */
export interface BackendStatus extends BackendInfo {
  /** The transport of this half of the backend. */
  readonly networkProtocol: NetworkProtocol;
  /** Health as last determined. */
  readonly health: Health;
  /** Connections or sessions it carries now. */
  readonly activeConnections: number;
  /** Connections or sessions ever routed to it. */
  readonly routed: number;
}

/**
 * What a strategy knows of the connection or session it decides about.
 *
 * @example
 * ```ts
 * import type { RoutingRequest } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * // What sends the visits of a client to the same backend.
 * const key = ({ client, properties }: RoutingRequest) => `${client.remote.address} ${properties.sni ?? ""}`;
 * const local = { address: "192.0.2.1", port: 443 };
 * const remote = { address: "198.51.100.7", port: 50_000 };
 * const request = { networkProtocol: "tcp", client: { local, remote }, properties: { sni: "a.example" } } as const;
 * assertEquals(key(request), "198.51.100.7 a.example");
 * ```
 */
export interface RoutingRequest {
  /** The transport. */
  readonly networkProtocol: NetworkProtocol;
  /** Who is calling. */
  readonly client: ClientInfo;
  /** What is known of the connection. */
  readonly properties: Properties;
}

/**
 * Chooses among the backends that want a connection.
 *
 * @example
 * ```ts
 * import { Multiplexer, type RoutingStrategy } from "@pmmux/cli/mod";
 *
 * const last: RoutingStrategy = {
 *   name: "last",
 *   ranking: "tier",
 *   select: (_request, candidates) => candidates.at(-1)!,
 * };
 * await using multiplexer = new Multiplexer({ routingStrategy: "last" }, { strategies: [last] });
 * await multiplexer.start();
 * ```
 */
export interface RoutingStrategy {
  /** As written in `--routing-strategy`. */
  readonly name: string;
  /**
   * `order`: the first backend that wants the connection gets it, whatever its tier. `tier`: all backends
   * of the highest tier that want it are offered to {@linkcode RoutingStrategy.select}.
   */
  readonly ranking: "order" | "tier";
  /** Chooses one of at least one candidates, which are of one tier and in configuration order. */
  select(request: RoutingRequest, candidates: readonly BackendStatus[]): BackendStatus;
  /** Forgets what it counted; called when a backend is added at run time. */
  reset?(): void;
}
