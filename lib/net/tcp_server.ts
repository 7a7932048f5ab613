/**
 * Carries TCP connections from accept to close: limits, negotiation, selection, dial, relay.
 *
 * @module
 */

import type { ConnectionBackend } from "../routing/backend.ts";
import type { BackendEntry } from "../routing/backend_entry.ts";
import type { ClientInfo, Connection } from "../routing/client.ts";
import { NO_FACTS } from "../routing/inspection.ts";
import { messageOf } from "../routing/message_of.ts";
import { unmapAddress } from "../routing/network.ts";
import type { Router } from "../routing/router.ts";
import type { TrafficObserver } from "../routing/traffic.ts";
import { Arrival } from "./arrival.ts";
import type { ConnectionLimits, ConnectionTable } from "./connection_table.ts";
import { type Deadline, deadline } from "./deadlines.ts";
import { Attempt, reach } from "./dial.ts";
import { LiveConnection } from "./live_connection.ts";
import type { Negotiator } from "./negotiation.ts";
import { isLackOfDescriptors, isOwnFault } from "./own_fault.ts";
import { plainAddress } from "./plain_address.ts";
import type { PreviewLimits } from "./preview_reader.ts";
import { Refusal } from "./refusal.ts";
import { closeQuietly, type Head, Relay } from "./relay.ts";

/** The limits that hold for TCP connections; replaced as a whole when they change. */
export interface TcpLimits extends ConnectionLimits, PreviewLimits {
  /** Milliseconds that a backend may take to accept a connection. */
  readonly connectTimeout: number;
}

/** What a TCP server works with. */
export interface TcpServerOptions {
  readonly router: Router;
  readonly table: ConnectionTable;
  readonly observer: TrafficObserver;
  readonly limits: TcpLimits;
  /** Told that there are too many sockets to connect to a backend. */
  readonly onLackOfDescriptors?: () => void;
}

/** Most connections are over before a dead peer could be noticed, and need not be set up for that. */
const KEEP_ALIVE_AFTER_MS = 10_000;

/** The backend's end of a connection, `null` for none, and what the client has said meanwhile. */
interface Reached {
  readonly backend: Connection | null;
  head: Head | undefined;
}

/** Carries the connections of all TCP listeners. */
export class TcpServer {
  readonly #router: Router;
  readonly #table: ConnectionTable;
  readonly #observer: TrafficObserver;
  readonly #onLackOfDescriptors: (() => void) | undefined;
  /** The limits in force. */
  limits: TcpLimits;

  /** A server without connections. */
  constructor({ router, table, observer, limits, onLackOfDescriptors }: TcpServerOptions) {
    this.#router = router;
    this.#table = table;
    this.#observer = observer;
    this.#onLackOfDescriptors = onLackOfDescriptors;
    this.limits = limits;
  }

  /** Carries one accepted connection to its end. Never rejects. */
  async serve(conn: Deno.TcpConn, negotiators: readonly Negotiator[]): Promise<void> {
    const connection = new LiveConnection("tcp", clientOf(conn));
    this.#observer.accepted(connection);
    // Negotiators may find out that the client is another one.
    const refusal = this.#table.refusal(connection.client.remote.address, this.limits, {
      total: negotiators.length > 0,
    });
    if (refusal !== undefined) {
      closeQuietly(conn);
      this.#observer.refused(connection, refusal, "limit reached");
      return;
    }
    this.#table.add(connection);
    connection.carrier = conn;
    try {
      await this.#relay(conn, connection, await this.#reach(connection, conn, negotiators));
      this.#leave(connection);
    } catch (error) {
      closeQuietly(conn);
      const { reason, detail } = error instanceof Refusal
        ? error
        : new Refusal("internal_error", messageOf(error));
      this.#observer.refused(connection, reason, connection.end ?? detail);
    } finally {
      this.#table.remove(connection);
    }
  }

  /** Begins to relay. A promise unless the backend wants the connection closed. */
  #relay(conn: Connection, connection: LiveConnection, reached: Reached): Promise<void> | void {
    const { backend, head } = reached;
    // The client's first bytes must not stay for as long as the connection does.
    reached.head = undefined;
    if (backend === null) {
      connection.end = "closed by backend";
      return closeQuietly(conn);
    }
    const relay = new Relay(conn, backend, connection);
    connection.carrier = relay;
    connection.relayed = true;
    const lasting = keepAliveLater(conn, backend);
    return relay.run(head).then((end) => {
      lasting.cancel();
      connection.end ??= end;
    });
  }

  /** Takes leave of a connection that a backend had. */
  #leave(connection: LiveConnection): void {
    const { entry, end, bytesOut } = connection;
    if (end === "backend reset" && bytesOut === 0) {
      // A server resets who says what it does not want to read.
      const cause = connection.bytesIn > 0 ? connection.client.remote.address : undefined;
      entry!.trafficFailed("reset before an answer", cause);
    } else if (bytesOut > 0) entry!.trafficSucceeded();
    entry!.activeConnections--;
    this.#observer.closed(connection);
  }

  /** Negotiates, chooses a backend and connects to it; one that cannot be reached makes way for the next. */
  async #reach(
    connection: LiveConnection,
    stream: Connection,
    negotiators: readonly Negotiator[],
  ): Promise<Reached> {
    // Made here, and not by the caller, who is there for as long as the connection is.
    const arrival = new Arrival(connection, stream, this.limits);
    const { inspection, selection } = arrival;
    if (negotiators.length > 0) await this.#negotiate(arrival, negotiators);
    const negotiated = connection.learnt;
    const began = performance.now();
    const route = this.#router.route(inspection, selection.signal);
    let failure: string | undefined;
    for (;;) {
      let entry = route.next();
      if (entry instanceof Promise) entry = await this.#inTime(entry, selection);
      if (connection.end !== undefined) throw new Refusal("client_gone", connection.end);
      if (entry === "incomplete") {
        await arrival.more();
        continue;
      }
      const { facts } = inspection;
      connection.learnt = facts === NO_FACTS ? negotiated : { ...negotiated, ...facts };
      if (entry === "none") throw new Refusal("no_backend_selected", failure ?? route.reason);
      const selectionMs = performance.now() - began;
      connection.entry = entry;
      entry.activeConnections++;
      try {
        const backend = await this.#connect(arrival, entry);
        entry.routed++;
        connection.previewed = inspection.bytes.length;
        this.#observer.routed(connection, selectionMs);
        return { backend, head: arrival.head };
      } catch (error) {
        entry.activeConnections--;
        connection.entry = undefined;
        if (connection.end !== undefined) throw new Refusal("client_gone", connection.end);
        failure = `${entry.spec.name}: ${messageOf(error)}`;
        if (!isOwnFault(error)) entry.trafficFailed(messageOf(error));
        route.exclude(entry);
        this.#observer.dialFailed(connection, entry, error);
        if (isLackOfDescriptors(error)) this.#onLackOfDescriptors?.();
      }
    }
  }

  async #negotiate(arrival: Arrival, negotiators: readonly Negotiator[]): Promise<void> {
    const { connection, inspection } = arrival;
    const began = performance.now();
    for (const negotiator of negotiators) {
      const { reject, client, properties } = await negotiator.negotiate(arrival);
      if (reject !== undefined) throw new Refusal("negotiation_failed", reject);
      connection.learnt = { ...connection.learnt, ...properties };
      if (client === undefined) continue;
      this.#table.rename(connection, client);
      inspection.client = client;
    }
    if (this.#table.countOf(connection.client.remote.address) > this.limits.maxConnectionsPerClient) {
      throw new Refusal("too_many_connections_from_client", "limit reached");
    }
    this.#observer.measured?.("negotiation", performance.now() - began);
  }

  /** Waits for verdicts that take time; beyond the selection timeout they count as mismatches. */
  #inTime<T>(decision: Promise<T>, selection: AbortController): Promise<T> {
    const limit = deadline(this.limits.selectionTimeout, () => selection.abort());
    return decision.finally(() => limit.cancel());
  }

  /** Has the backend say where the connection goes, and connects to it there. */
  #connect(arrival: Arrival, entry: BackendEntry): Promise<Connection | null> {
    const { connection, stream } = arrival;
    const attempt = new Attempt(stream, this.limits.connectTimeout);
    connection.carrier = attempt;
    const answer = (entry.backend as ConnectionBackend).connect(connection, attempt.controller.signal);
    return arrival.introduced(reach(answer, attempt), attempt);
  }
}

function clientOf({ localAddr, remoteAddr }: Deno.TcpConn): ClientInfo {
  const local = plainAddress(localAddr);
  const remote = plainAddress(remoteAddr);
  return {
    local: { address: unmapAddress(local.hostname), port: local.port },
    remote: { address: unmapAddress(remote.hostname), port: remote.port },
  };
}

/** A function of its own, so that the closure keeps no more than the two ends. */
function keepAliveLater(client: Connection, backend: Connection): Deadline {
  return deadline(KEEP_ALIVE_AFTER_MS, () => {
    keepAlive(client);
    keepAlive(backend);
  });
}

/** Lets the system find out whether a silent peer is still there. */
function keepAlive(end: Connection): void {
  if (!("setKeepAlive" in end)) return;
  try {
    (end as Deno.TcpConn).setKeepAlive(true);
  } catch {
    // Closed meanwhile.
  }
}
