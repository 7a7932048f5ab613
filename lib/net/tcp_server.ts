/**
 * Carries TCP connections from accept to close: limits, negotiation, selection, dial, relay.
 *
 * @module
 */

import type { Connection, ConnectionBackend } from "../routing/contracts.ts";
import { Inspection, NO_FACTS } from "../routing/inspection.ts";
import { unmapAddress } from "../routing/network.ts";
import type { Router } from "../routing/router.ts";
import type { ConnectionLimits, ConnectionTable } from "./connection_table.ts";
import { type Deadline, deadline } from "./deadlines.ts";
import { answerInTime, dial, type DialOptions, introduce } from "./dial.ts";
import { LiveConnection } from "./live_connection.ts";
import type { NegotiationContext, Negotiator } from "./negotiation.ts";
import type { RefusalReason, TrafficObserver } from "../routing/contracts.ts";
import { isOwnFault } from "./own_fault.ts";
import { PostgresTls } from "./postgres_tls.ts";
import { type PreviewLimits, PreviewReader } from "./preview_reader.ts";
import { type Closable, closeQuietly, type Head, Relay, sendAtOnce } from "./relay.ts";

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
}

/** Most connections are over before a dead peer could be noticed, and need not be set up for that. */
const KEEP_ALIVE_AFTER_MS = 10_000;

/** The backend's end of a connection, `null` for none, and what the client has said meanwhile. */
interface Reached {
  readonly backend: Connection | null;
  head: Head | undefined;
}

/** Ended before it reached a backend. */
class Refusal {
  constructor(readonly reason: RefusalReason, readonly detail: string) {}
}

/** Carries the connections of all TCP listeners. */
export class TcpServer {
  readonly #router: Router;
  readonly #table: ConnectionTable;
  readonly #observer: TrafficObserver;
  /** The limits in force. */
  limits: TcpLimits;

  /** A server without connections. */
  constructor({ router, table, observer, limits }: TcpServerOptions) {
    this.#router = router;
    this.#table = table;
    this.#observer = observer;
    this.limits = limits;
  }

  /** Carries one accepted connection to its end. Never rejects. */
  async serve(conn: Deno.TcpConn, negotiators: readonly Negotiator[]): Promise<void> {
    const { localAddr, remoteAddr } = conn;
    const connection = new LiveConnection("tcp", {
      local: { address: unmapAddress(localAddr.hostname), port: localAddr.port },
      remote: { address: unmapAddress(remoteAddr.hostname), port: remoteAddr.port },
    });
    const refusal = this.#table.refusal(connection.client.remote.address, this.limits);
    if (refusal !== undefined) {
      closeQuietly(conn);
      this.#observer.refused(connection, refusal, "limit reached");
      return;
    }
    this.#table.add(connection);
    connection.carrier = conn;
    try {
      this.#observer.accepted(connection);
      await this.#carry(connection, conn, negotiators);
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

  async #carry(
    connection: LiveConnection,
    stream: Connection,
    negotiators: readonly Negotiator[],
  ): Promise<void> {
    const reached = await this.#reach(connection, stream, negotiators);
    const entry = connection.entry!;
    try {
      if (reached.backend === null) {
        connection.end = "closed by backend";
        closeQuietly(stream);
        return;
      }
      const relay = new Relay(stream, reached.backend, connection);
      connection.carrier = relay;
      const lasting = keepAliveLater(stream, reached.backend);
      const running = relay.run(reached.head);
      // The client's first bytes must not stay for as long as the connection does.
      reached.head = undefined;
      const end = await running;
      lasting.cancel();
      connection.end ??= end;
      if (end === "backend reset" && connection.bytesOut === 0) entry.trafficFailed("reset before an answer");
      else if (connection.bytesOut > 0) entry.trafficSucceeded();
    } finally {
      entry.activeConnections--;
      this.#observer.closed(connection);
    }
  }

  /**
   * Negotiates, chooses a backend and connects to it. What only this needs is not held while bytes flow.
   */
  async #reach(
    connection: LiveConnection,
    stream: Connection,
    negotiators: readonly Negotiator[],
  ): Promise<Reached> {
    const inspection = inspect(connection);
    const reader = new PreviewReader(stream, inspection, this.limits);
    const context = { connection, inspection, reader };
    if (negotiators.length > 0) {
      const began = performance.now();
      await this.#negotiate(context, negotiators);
      this.#observer.measured?.("negotiation", performance.now() - began);
    }
    const backend = await this.#choose(context, stream);
    connection.previewed = inspection.bytes.length;
    return { backend, head: reader.head() };
  }

  async #negotiate(context: NegotiationContext, negotiators: readonly Negotiator[]): Promise<void> {
    const { connection, inspection } = context;
    for (const negotiator of negotiators) {
      const { reject, client, properties } = await negotiator.negotiate(context);
      if (reject !== undefined) throw new Refusal("negotiation_failed", reject);
      connection.learnt = { ...connection.learnt, ...properties };
      if (client === undefined) continue;
      const refusal = this.#table.refusal(client.remote.address, this.limits);
      if (refusal === "too_many_connections_from_client") throw new Refusal(refusal, "limit reached");
      this.#table.rename(connection, client);
      inspection.client = client;
    }
  }

  /** Finds the backend and connects to it; one that cannot be reached makes way for the next. */
  async #choose(context: NegotiationContext, stream: Connection): Promise<Connection | null> {
    const { connection, inspection, reader } = context;
    const selection = new AbortController();
    const began = performance.now();
    const route = this.#router.route(inspection, selection.signal);
    const negotiated = connection.learnt;
    const postgres = new PostgresTls(stream, reader);
    let failure = "no backend wants the connection";
    for (;;) {
      let entry = route.next();
      if (typeof entry === "object" && "then" in entry) entry = await this.#inTime(entry, selection);
      if (connection.end !== undefined) throw new Refusal("client_gone", connection.end);
      if (entry === "none") throw new Refusal("no_backend_selected", failure);
      if (entry === "incomplete") {
        if (inspection.awaitsPostgresTls) await postgres.accept();
        await reader.more().catch(clientGone);
        continue;
      }
      const selectionMs = performance.now() - began;
      const { facts } = inspection;
      connection.learnt = facts === NO_FACTS ? negotiated : { ...negotiated, ...facts };
      entry.activeConnections++;
      connection.entry = entry;
      const options = new Attempt(stream, this.limits.connectTimeout);
      connection.carrier = options;
      try {
        const backend = await this.#connect(connection, options);
        if (backend !== null) await postgres.replay(backend, options);
        entry.routed++;
        this.#observer.routed(connection, selectionMs);
        return backend;
      } catch (error) {
        entry.activeConnections--;
        connection.entry = undefined;
        if (connection.end !== undefined) throw new Refusal("client_gone", connection.end);
        failure = `${entry.spec.name}: ${messageOf(error)}`;
        if (!isOwnFault(error)) entry.trafficFailed(messageOf(error));
        route.exclude(entry);
        this.#observer.dialFailed(connection, entry, error);
      }
    }
  }

  /** Waits for verdicts that take time; beyond the selection timeout they count as mismatches. */
  #inTime<T>(decision: Promise<T>, selection: AbortController): Promise<T> {
    const limit = deadline(this.limits.selectionTimeout, () => selection.abort());
    return decision.finally(() => limit.cancel());
  }

  /** Has the backend say where the connection goes, and connects to it there. */
  async #connect(connection: LiveConnection, options: Required<DialOptions>): Promise<Connection | null> {
    const backend = connection.entry!.backend as ConnectionBackend;
    let answer = backend.connect(connection, options.controller.signal);
    if (answer instanceof Promise) answer = await answerInTime(answer, options);
    if (answer === null || "read" in answer) return answer;
    const conn = await dial(answer, options);
    if (answer.head !== undefined) await sayFirst(conn, answer.head, options);
    return conn;
  }
}

/** Sends what goes before the client's own bytes. */
function sayFirst(conn: Connection, head: Uint8Array, options: Required<DialOptions>): Promise<void> {
  return introduce(conn, async () => {
    sendAtOnce(conn);
    for (let written = 0; written < head.length;) written += await conn.write(head.subarray(written));
  }, options);
}

/** An attempt to reach a backend, which ends with its client. */
class Attempt implements Required<DialOptions>, Closable {
  readonly timeout: number;
  readonly controller = new AbortController();
  readonly #client: Connection;

  constructor(client: Connection, timeout: number) {
    this.#client = client;
    this.timeout = timeout;
  }

  close(): void {
    this.controller.abort();
    closeQuietly(this.#client);
  }
}

/*
 * Closures are made in functions of their own: one that is made in the middle of an asynchronous function keeps
 * all of that function's variables, and the garbage collector then has to carry whole connections along.
 */

function inspect(connection: LiveConnection): Inspection {
  return new Inspection("tcp", connection.client, () => connection.properties);
}

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

function clientGone(error: unknown): never {
  throw new Refusal("client_gone", `before a backend was chosen: ${messageOf(error)}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
