/**
 * Carries UDP datagrams: finds or begins the session of each, chooses its backend once, and ends it.
 *
 * @module
 */

import type { Awaitable, ClientInfo, ClientWriter, Properties } from "../routing/client.ts";
import { Inspection, NO_FACTS } from "../routing/inspection.ts";
import { messageOf } from "../routing/message_of.ts";
import { unmapAddress } from "../routing/network.ts";
import type { Router } from "../routing/router.ts";
import type { BackendStatus } from "../routing/routing_strategy.ts";
import type { RefusalReason, TrafficObserver } from "../routing/traffic.ts";
import type { ConnectionTable } from "./connection_table.ts";
import { DatagramDelivery } from "./datagram_delivery.ts";
import type { DatagramUnwrap } from "./proxy_negotiator.ts";
import { Session } from "./session.ts";
import type { Decision } from "../routing/route.ts";
import { decide, type OpenDecision } from "./session_decision.ts";
import { SessionTable } from "./session_table.ts";
import type { UdpSocket } from "./udp_socket.ts";

/** The limits that hold for sessions; replaced as a whole when they change. */
export interface SessionLimits {
  /** Milliseconds without a datagram after which a session ends. */
  readonly udpSessionTimeout: number;
  /** Sessions at most; a new one then takes the place of the longest idle one. */
  readonly maxUdpSessions: number;
  /** Milliseconds that the choice of a backend may take. */
  readonly selectionTimeout: number;
  /** Bytes that are held while the choice is open. */
  readonly previewBufferLimit: number;
}

/** What a message server works with. */
export interface MessageServerOptions {
  readonly router: Router;
  readonly table: ConnectionTable;
  readonly observer: TrafficObserver;
  readonly limits: SessionLimits;
}

/** How often idle sessions are looked for, as a part of the session timeout. */
const SWEEPS_PER_TIMEOUT = 8;
/** When there are no descriptors left, one of so many sessions makes room, for connections too. */
const EVICTED_FOR_SOCKETS = 8;
/** How long it takes until the sockets that made room are gone: what fails meanwhile asks for no more room. */
const MAKING_ROOM_MS = 10;

/** Who sent a datagram, and to which socket. */
interface Sender {
  readonly socket: UdpSocket;
  readonly from: Deno.NetAddr;
  /** The real client, where a trusted proxy names one. */
  readonly client?: ClientInfo;
  /** What the proxy told beside the client. */
  readonly properties?: Properties;
  /** What tells its session from others of that socket. */
  readonly key: string;
}

/** Carries the datagrams of all UDP listeners. */
export class MessageServer implements AsyncDisposable {
  readonly #router: Router;
  readonly #table: ConnectionTable;
  readonly #observer: TrafficObserver;
  readonly #delivery: DatagramDelivery;
  readonly #sessions = new SessionTable();
  readonly #byClient = new WeakMap<ClientInfo, Session>();
  /** Choices that are open. */
  readonly #deciding = new Set<Promise<void>>();
  /** Answers are use of a session as well, though its client may be silent, and speak for the backend. */
  readonly #answered = (session: Session): void => {
    session.entry?.trafficSucceeded();
    if (session.connection.end === undefined) this.#sessions.touch(session, performance.now());
  };
  #roomMadeAt = -Infinity;
  #lastSender = { hostname: "", port: 0, key: "" };
  #limits: SessionLimits;
  #sweeper: ReturnType<typeof setTimeout> | undefined;

  /** A server without sessions. */
  constructor({ router, table, observer, limits }: MessageServerOptions) {
    this.#router = router;
    this.#table = table;
    this.#observer = observer;
    this.#delivery = new DatagramDelivery(observer, () => this.makeRoom());
    this.#limits = limits;
  }

  /** The limits in force. */
  set limits(limits: SessionLimits) {
    this.#limits = limits;
    this.#evict(this.#sessions.size - limits.maxUdpSessions);
    clearTimeout(this.#sweeper);
    this.#sweeper = undefined;
    this.#scheduleSweep();
  }

  /** The way back to a client, for backends. */
  writer(client: ClientInfo): ClientWriter {
    const session = this.#byClient.get(client);
    if (session === undefined) {
      throw new Error(`No session of client ${client.remote.address}:${client.remote.port}: it has ended`);
    }
    return session;
  }

  /** Takes one datagram. Never throws or rejects. */
  handle(
    socket: UdpSocket,
    message: Uint8Array,
    from: Deno.NetAddr,
    unwrap?: DatagramUnwrap,
  ): Awaitable<void> {
    if (unwrap !== undefined) return this.#unwrap(message, { socket, from, unwrap });
    return this.#take(message, { socket, from, key: this.#keyOf(from) });
  }

  /** Takes a datagram that a proxy may have sent for somebody else. */
  #unwrap(
    datagram: Uint8Array,
    { socket, from, unwrap }: { socket: UdpSocket; from: Deno.NetAddr; unwrap: DatagramUnwrap },
  ): Awaitable<void> {
    const unwrapped = unwrap(datagram, clientOf(socket, from));
    if (unwrapped === undefined) return this.#observer.messagesDropped(1, "refused");
    const { payload, client, properties } = unwrapped;
    const real = client === undefined ? "" : `|${client.remote.address}|${client.remote.port}`;
    const key = `${this.#keyOf(from)}${real}`;
    return this.#take(payload, { socket, from, client, properties, key });
  }

  /** Datagrams come in bursts: the key of the last sender is not made anew. */
  #keyOf({ hostname, port }: Deno.NetAddr): string {
    const last = this.#lastSender;
    if (last.port === port && last.hostname === hostname) return last.key;
    const key = `${hostname}|${port}`;
    this.#lastSender = { hostname, port, key };
    return key;
  }

  #take(message: Uint8Array, sender: Sender): Awaitable<void> {
    const { socket, key } = sender;
    const now = performance.now();
    const session = this.#sessions.find(socket, key);
    if (session === undefined) return this.#begin(message, sender);
    this.#sessions.touch(session, now);
    if (session.entry === undefined) return this.#hold(session, message);
    return this.#delivery.deliver(session, session.entry, message);
  }

  /** Ends one of eight sessions, those that have been idle for longest, because there are too many sockets. */
  makeRoom(): void {
    const now = performance.now();
    if (now - this.#roomMadeAt < MAKING_ROOM_MS) return;
    this.#roomMadeAt = now;
    this.#evict(this.#sessions.size / EVICTED_FOR_SOCKETS);
  }

  /** Ends all sessions of a backend; their clients' next datagrams begin new ones. */
  endSessions(backend: BackendStatus, reason: string): void {
    for (const session of [...this.#sessions]) {
      if (session.entry === backend) session.connection.close(reason);
    }
  }

  /** Ends the sessions of a socket that is closed: their clients could not be answered. */
  socketClosed(socket: UdpSocket): void {
    for (const session of [...this.#sessions]) {
      if (session.socket === socket) session.connection.close("listener closed");
    }
  }

  /** Ends all sessions. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#sweeper);
    for (const session of [...this.#sessions]) session.connection.close("shutdown");
    await Promise.all(this.#deciding);
  }

  #begin(message: Uint8Array, sender: Sender): Awaitable<void> {
    const { client = clientOf(sender.socket, sender.from) } = sender;
    const session = new Session(client, { ...sender, onAnswer: this.#answered });
    const { connection } = session;
    connection.learnt = sender.properties ?? connection.learnt;
    this.#observer.accepted(connection);
    this.#evict(this.#sessions.size + 1 - this.#limits.maxUdpSessions);
    this.#sessions.add(session);
    this.#table.add(connection);
    this.#byClient.set(connection.client, session);
    connection.carrier = { close: () => this.#end(session) };
    this.#scheduleSweep();
    const inspection = new Inspection("udp", connection.client, () => connection.properties);
    // Whoever takes time to judge it finds the buffer filled with another datagram.
    inspection.bytes = message.slice();
    const selection = new AbortController();
    const route = this.#router.route(inspection, selection.signal);
    const began = performance.now();
    const chosen = route.next();
    if (chosen === "none" || (typeof chosen === "object" && "spec" in chosen)) {
      if (this.#settle(session, { route, inspection, chosen, began })) {
        return this.#delivery.deliver(session, session.entry!, message);
      }
      return;
    }
    this.#hold(session, message);
    const deciding = this.#decide(session, { route, inspection, selection, began, first: chosen });
    this.#deciding.add(deciding);
    deciding.finally(() => this.#deciding.delete(deciding));
  }

  /** Waits for a decision, then delivers what was held meanwhile. */
  async #decide(
    session: Session,
    { began, ...open }: Omit<OpenDecision, "timeout"> & { readonly began: number },
  ): Promise<void> {
    try {
      const chosen = await decide(session, { ...open, timeout: this.#limits.selectionTimeout });
      if (!this.#settle(session, { ...open, chosen, began })) return;
      for (const message of session.held.splice(0)) this.#delivery.deliver(session, session.entry!, message);
    } catch (error) {
      this.#refuse(session, "internal_error", messageOf(error));
    }
  }

  /** Records the decision; false if there is no backend. */
  #settle(
    session: Session,
    { route, inspection, chosen, began }: Pick<OpenDecision, "route" | "inspection"> & {
      chosen: Decision;
      began: number;
    },
  ): boolean {
    const { connection } = session;
    if (connection.end !== undefined) return false;
    const { facts } = inspection;
    if (facts !== NO_FACTS) connection.learnt = { ...connection.learnt, ...facts };
    if (typeof chosen === "string") {
      this.#refuse(session, "no_backend_selected", route.reason);
      return false;
    }
    session.entry = connection.entry = chosen;
    session.metadata = connection.properties;
    chosen.activeConnections++;
    chosen.routed++;
    this.#observer.routed(connection, performance.now() - began);
    return true;
  }

  /** Ends the sessions that have been idle for longest. */
  #evict(count: number): void {
    for (let evicted = 0; evicted < count; evicted++) {
      this.#observer.sessionEvicted();
      this.#sessions.oldest!.connection.close("evicted");
    }
  }

  #refuse(session: Session, reason: RefusalReason, detail: string): void {
    session.refusal = reason;
    session.connection.close(detail);
  }

  /** Keeps a datagram that waits for the decision. */
  #hold(session: Session, message: Uint8Array): void {
    if (!session.hold(message, this.#limits.previewBufferLimit)) {
      this.#observer.messagesDropped(1, "queue_full");
    }
  }

  #end(session: Session): void {
    if (!this.#sessions.remove(session)) return;
    this.#table.remove(session.connection);
    session.controller.abort();
    session.wake();
    if (session.entry === undefined) return this.#unrouted(session);
    session.entry.activeConnections--;
    this.#observer.closed(session.connection);
  }

  /** Tells of a session that ended without a backend, and of the datagrams that were lost beside its first. */
  #unrouted({ connection, refusal, held }: Session): void {
    this.#observer.refused(connection, refusal, connection.end!);
    if (held.length > 1) this.#observer.messagesDropped(held.length - 1, "refused");
  }

  #scheduleSweep(): void {
    if (this.#sweeper !== undefined || this.#sessions.size === 0) return;
    this.#sweeper = setTimeout(() => this.#sweep(), this.#limits.udpSessionTimeout / SWEEPS_PER_TIMEOUT);
  }

  /** Ends the sessions that were idle for too long. */
  #sweep(): void {
    this.#sweeper = undefined;
    const now = performance.now();
    for (;;) {
      const session = this.#sessions.oldest;
      if (session === undefined || now - session.lastSeen < this.#limits.udpSessionTimeout) break;
      session.connection.close("idle timeout");
    }
    this.#scheduleSweep();
  }
}

function clientOf({ endpoint }: UdpSocket, { hostname, port }: Deno.NetAddr): ClientInfo {
  return {
    local: { address: unmapAddress(endpoint.address), port: endpoint.port },
    remote: { address: unmapAddress(hostname), port },
  };
}
