/**
 * What can be seen of the traffic while it is carried. Everything here is part of the public API.
 *
 * @module
 */

import type { NetworkProtocol } from "../config/types.ts";
import type { ClientInfo, Properties } from "./client.ts";
import type { BackendStatus } from "./routing_strategy.ts";

/**
 * A connection or session that is being carried.
 *
 * @example
 * ```ts
 * import { type ConnectionStatus, Multiplexer } from "@pmmux/cli/mod";
 *
 * await using multiplexer = new Multiplexer();
 * await multiplexer.start();
 * const isLocal = ({ client }: ConnectionStatus) => client.remote.address.startsWith("192.168.");
 * for (const connection of multiplexer.connections.filter(isLocal)) connection.close("closed by the operator");
 * ```
 */
export interface ConnectionStatus {
  /** A number that no other connection of this process has. */
  readonly id: number;
  /** The transport. */
  readonly networkProtocol: NetworkProtocol;
  /** Who is calling. */
  readonly client: ClientInfo;
  /** All that is known of it: of the socket, from negotiators, from detectors (`detected`, `sni`, …). */
  readonly properties: Properties;
  /** What of that was found out by negotiators and detectors. */
  readonly learnt: Properties;
  /** Where it goes; undefined until that is decided. */
  readonly backend: BackendStatus | undefined;
  /** Bytes that were read before a backend was chosen, and go to it first. */
  readonly previewed: number;
  /** Bytes from the client that the backend took. */
  readonly bytesIn: number;
  /** Bytes from the backend that the client took. */
  readonly bytesOut: number;
  /** Datagrams from the client, of a session. */
  readonly messagesIn: number;
  /** Datagrams to the client, of a session. */
  readonly messagesOut: number;
  /** When it was accepted, on the clock of `performance.now()`. */
  readonly startedAt: number;
  /** Why it ended: `client closed`, `idle timeout`, …; undefined while it lives. */
  readonly end: string | undefined;
  /** Ends it now, for the reason given. Does nothing if it has ended. */
  close(reason: string): void;
}

/**
 * Why a connection or session did not reach a backend.
 *
 * @example
 * ```ts
 * import type { RefusalReason } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const isFull = (reason: RefusalReason) => reason.startsWith("too_many");
 * assertEquals([isFull("too_many_connections"), isFull("client_gone")], [true, false]);
 * ```
 */
export type RefusalReason =
  | "negotiation_failed"
  | "no_backend_selected"
  | "too_many_connections"
  | "too_many_connections_from_client"
  | "client_gone"
  | "internal_error";

/**
 * Told of what happens to connections and sessions. All calls are synchronous and must not throw.
 *
 * @example
 * ```ts
 * import { Multiplexer, type TrafficObserver } from "@pmmux/cli/mod";
 *
 * let refused = 0;
 * const observer: Partial<TrafficObserver> = {
 *   refused: () => void refused++,
 *   closed: ({ client, bytesIn, bytesOut, end }) => console.log(client.remote.address, bytesIn, bytesOut, end),
 * };
 * await using multiplexer = new Multiplexer({}, { observer });
 * await multiplexer.start();
 * ```
 */
export interface TrafficObserver {
  /** A client came; nothing is known of it but its addresses. */
  accepted(connection: ConnectionStatus): void;
  /** It goes to its backend; `selectionMs` is what the decision took. */
  routed(connection: ConnectionStatus, selectionMs: number): void;
  /** A backend could not be reached; the next one that wants the connection is tried. */
  dialFailed(connection: ConnectionStatus, backend: BackendStatus, error: unknown): void;
  /** It reached no backend. */
  refused(connection: ConnectionStatus, reason: RefusalReason, detail: string): void;
  /** A routed connection or session is over; `connection.end` says why. */
  closed(connection: ConnectionStatus): void;
  /** Datagrams were lost: for want of room, or refused; `error` is what the network said, if it was the network. */
  messagesDropped(count: number, reason: "queue_full" | "refused", error?: unknown): void;
  /** A session had to make room for a new one. */
  sessionEvicted(): void;
  /** A listener could not accept; it rests for a moment. */
  acceptFailed(address: string, error: unknown): void;
  /** Something took its time: negotiating with a client, a backend's judging one or handling a datagram. */
  measured?(what: "negotiation" | "probe" | "handling", milliseconds: number, backend?: BackendStatus): void;
}
