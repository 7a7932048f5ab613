/**
 * The contracts between the multiplexer and what carries traffic for it: backends, connections, datagrams and
 * routing strategies. Everything here is part of the public API.
 *
 * @module
 */

import type { BackendSpec, NetworkProtocol } from "../config/types.ts";
import type { Verdict } from "../protocol/detector.ts";
import type { Health } from "./health.ts";

/** A value that may come now or later. What is there now costs no turn of the event loop. */
export type Awaitable<T> = T | Promise<T>;

/** Names and values that matchers, logs and strategies see: `tls`, `sni`, `socket.remote-ip`, … */
export type Properties = Readonly<Record<string, string>>;

/** One end of a TCP connection or of a UDP session. IPv4-mapped IPv6 addresses appear as IPv4. */
export interface Endpoint {
  /** The IP address, without brackets or zone. */
  readonly address: string;
  /** The port, 0 to 65535. */
  readonly port: number;
}

/** Who is calling, and which of our addresses it called. */
export interface ClientInfo {
  /** The address and port that the client used, also where the listener is bound to a wildcard. */
  readonly local: Endpoint;
  /** The client's own address and port; behind a trusted proxy, the real client's. */
  readonly remote: Endpoint;
}

/** A client's connection while backends look at it: what is known, and the bytes so far. */
export interface Preview {
  /** Who is calling. */
  readonly client: ClientInfo;
  /** What negotiators and detectors found out. */
  readonly properties: Properties;
  /** The first bytes, as many as have arrived. Do not keep or change them. */
  readonly bytes: Uint8Array;
  /** True when no more bytes will come: the client closed, the buffer is full, or time is up. */
  readonly ended: boolean;
}

/** A routed client connection, as a backend's `connect` sees it. */
export interface ClientConnection {
  /** Who is calling. */
  readonly client: ClientInfo;
  /** What negotiators and detectors found out. */
  readonly properties: Properties;
}

/** An answer to `connect`: the multiplexer itself connects there and relays, at full speed. */
export interface Dial {
  /** `tcp` unless given. */
  readonly transport?: "tcp" | "unix";
  /** For `tcp`: an IP address or a name, resolved anew for every connection. */
  readonly hostname?: string;
  /** For `tcp`: the port. */
  readonly port?: number;
  /** For `unix`: the absolute path of the socket. */
  readonly path?: string;
  /** Bytes to send before the client's own. */
  readonly head?: Uint8Array;
  /** Speaks TLS with the target; only where a backend dials for itself. */
  readonly tls?: { readonly verify: boolean };
}

/** An answer to `connect`: the module speaks with the client itself. */
export interface Connection {
  /** Reads what the client shall receive; `null` at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Takes bytes from the client; answers how many were taken. A slow answer slows the client. */
  write(bytes: Uint8Array): Promise<number>;
  /** The client will send no more. */
  closeWrite(): Awaitable<void>;
  /** Ends both directions and frees what is held. Called once. */
  close(): void;
}

/** Sends datagrams back to one client, from the socket and the address that the client wrote to. */
export interface ClientWriter {
  /** Who is written to. */
  readonly client: ClientInfo;
  /** Sends one datagram; answers whether it was handed to the network (a full queue drops it). */
  write(message: Uint8Array): Promise<boolean>;
}

/** Finds the writer of a client whose message is or was being handled; fails for any other. */
export type ClientWriterFactory = (client: ClientInfo) => ClientWriter;

/** The tiers of `priority=`, lowest first. */
export type PriorityTier = "fallback" | "standby" | "normal" | "vip";

/** What a backend tells of itself. */
export interface BackendInfo {
  /** The spec it was made from. */
  readonly spec: BackendSpec;
  /** What it adds for display (`target.ip`, …); no secrets. */
  readonly properties: Properties;
  /** Its priority tier. */
  readonly priorityTier: PriorityTier;
}

/** A backend as the routing strategy and a listing see it. */
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

/** What every backend has. */
export interface Backend extends AsyncDisposable {
  /** What it is. Constant. */
  readonly info: BackendInfo;
}

/** A backend that takes TCP connections. */
export interface ConnectionBackend extends Backend {
  /**
   * Whether this backend wants the connection. Asked again with more bytes after `incomplete`; once
   * `preview.ended` is set, `incomplete` counts as `mismatch`.
   */
  canHandleConnection(preview: Preview, signal: AbortSignal): Awaitable<Verdict>;
  /**
   * Where the connection goes; `null` closes it at once. A throw sends it to the next backend that wants it.
   * The signal is aborted when nobody waits for the answer any more; a guest may be asked before it is certain
   * that anybody will.
   */
  connect(client: ClientConnection, signal: AbortSignal): Awaitable<Dial | Connection | null>;
}

/** A backend that takes UDP datagrams. */
export interface MessageBackend extends Backend {
  /** Called once before the first message; the factory gives the way back to a client. */
  initialize(clientWriterFactory: ClientWriterFactory): Awaitable<void>;
  /** Whether this backend wants the session that this message begins. */
  canHandleMessage(
    client: ClientInfo,
    metadata: Properties,
    message: Uint8Array,
    signal: AbortSignal,
  ): Awaitable<Verdict>;
  /**
   * Takes one datagram. The bytes are valid until the returned promise settles. The signal is the
   * session's: it is aborted when the session ends, and what is held for the client is then freed.
   */
  handleMessage(
    client: ClientInfo,
    metadata: Properties,
    message: Uint8Array,
    signal: AbortSignal,
  ): Awaitable<void>;
}

/** The outcome of one health check. */
export interface HealthCheckResult {
  /** Whether the backend is well. */
  readonly healthy: boolean;
  /** Why not, in a few words. */
  readonly reason?: string;
}

/** A backend that can be asked whether it is well. */
export interface HealthCheckBackend extends Backend {
  /** Performs one check; a throw is a failure with the error's message as reason. */
  healthCheck(
    networkProtocol: NetworkProtocol,
    parameters: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<HealthCheckResult>;
}

/** What a strategy knows of the connection or session it decides about. */
export interface RoutingRequest {
  /** The transport. */
  readonly networkProtocol: NetworkProtocol;
  /** Who is calling. */
  readonly client: ClientInfo;
  /** What is known of the connection. */
  readonly properties: Properties;
}

/** Chooses among the backends that want a connection. */
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

/** Whether a backend takes TCP connections. */
export function isConnectionBackend(backend: Backend): backend is ConnectionBackend {
  return "canHandleConnection" in backend && "connect" in backend;
}

/** Whether a backend takes UDP datagrams. */
export function isMessageBackend(backend: Backend): backend is MessageBackend {
  return "canHandleMessage" in backend && "handleMessage" in backend;
}

/** Whether a backend can be asked for its health. */
export function isHealthCheckBackend(backend: Backend): backend is HealthCheckBackend {
  return "healthCheck" in backend;
}
