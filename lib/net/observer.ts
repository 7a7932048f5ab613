/**
 * What the data path tells about itself: to logs, metrics and events, which it knows nothing about.
 *
 * @module
 */

import type { BackendEntry } from "../routing/backend_entry.ts";
import type { LiveConnection } from "./live_connection.ts";

/** Why a connection or session did not reach a backend. */
export type RefusalReason =
  | "negotiation_failed"
  | "no_backend_selected"
  | "too_many_connections"
  | "too_many_connections_from_client"
  | "client_gone"
  | "internal_error";

/** Told of what happens to connections and sessions. All calls are synchronous and must not throw. */
export interface TrafficObserver {
  /** A client came; nothing is known of it but its addresses. */
  accepted(connection: LiveConnection): void;
  /** It goes to this backend; `selectionMs` is what the decision took. */
  routed(connection: LiveConnection, selectionMs: number): void;
  /** A backend could not be reached; the next one that wants the connection is tried. */
  dialFailed(connection: LiveConnection, entry: BackendEntry, error: unknown): void;
  /** It reached no backend. */
  refused(connection: LiveConnection, reason: RefusalReason, detail: string): void;
  /** A routed connection or session is over; `connection.end` says why. */
  closed(connection: LiveConnection): void;
  /** Datagrams were lost for want of room. */
  messagesDropped(count: number, reason: "queue_full" | "refused" | "too_large"): void;
  /** A session had to make room for a new one. */
  sessionEvicted(): void;
  /** A listener could not accept; it rests for a moment. */
  acceptFailed(address: string, error: unknown): void;
}

/** Observes nothing. */
export const silentObserver: TrafficObserver = {
  accepted() {},
  routed() {},
  dialFailed() {},
  refused() {},
  closed() {},
  messagesDropped() {},
  sessionEvicted() {},
  acceptFailed() {},
};
