/**
 * The contracts between the multiplexer and what plugs into it: backends, backend modules, connections,
 * datagrams and routing strategies. Everything here is part of the public API.
 *
 * @module
 */

import type { BackendSpec, NetworkProtocol } from "../config/types.ts";
import type { Verdict } from "../protocol/detector.ts";
import type { Health } from "./health.ts";
import type { Logger } from "./logger.ts";

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

/** A connection or session that is being carried. */
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
  accepted(connection: ConnectionStatus): void;
  /** It goes to its backend; `selectionMs` is what the decision took. */
  routed(connection: ConnectionStatus, selectionMs: number): void;
  /** A backend could not be reached; the next one that wants the connection is tried. */
  dialFailed(connection: ConnectionStatus, backend: BackendStatus, error: unknown): void;
  /** It reached no backend. */
  refused(connection: ConnectionStatus, reason: RefusalReason, detail: string): void;
  /** A routed connection or session is over; `connection.end` says why. */
  closed(connection: ConnectionStatus): void;
  /** Datagrams were lost for want of room. */
  messagesDropped(count: number, reason: "queue_full" | "refused"): void;
  /** A session had to make room for a new one. */
  sessionEvicted(): void;
  /** A listener could not accept; it rests for a moment. */
  acceptFailed(address: string, error: unknown): void;
  /** Something took its time: negotiating with a client, a backend's judging one or handling a datagram. */
  measured?(what: "negotiation" | "probe" | "handling", milliseconds: number, backend?: BackendStatus): void;
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

/** A UDP socket of a backend towards one target. */
export interface UpstreamSocket {
  /** Sends to the target; rejects when the system would not take the datagram. */
  send(message: Uint8Array): Promise<void>;
  /** Receives one datagram of the target into the buffer; `null` once closed. */
  receive(buffer: Uint8Array): Promise<Uint8Array | null>;
  /** Closes the socket. */
  close(): void;
}

/** The network as a backend may use it. */
export interface BackendNetwork {
  /** Opens a TCP or Unix connection. */
  connect(dial: Dial, signal: AbortSignal): Promise<Connection>;
  /** Opens a UDP socket towards one target; a name is resolved now. */
  openDatagram(target: { hostname: string; port: number }): Promise<UpstreamSocket>;
}

/** Shared buffers for datagrams. */
export interface DatagramBuffers {
  /** A buffer of 65,536 bytes with arbitrary content. */
  take(): Uint8Array<ArrayBuffer>;
  /** Gives a buffer back; do not touch it afterwards. */
  give(buffer: Uint8Array<ArrayBuffer>): void;
}

/** Takes the numbers that a backend reports about itself; they appear under its name. */
export interface BackendMetrics {
  /** Adds to a counter, 1 unless given. Names are lower-case words joined by dots: `queries.refused`. */
  count(name: string, by?: number): void;
  /** Sets a gauge. */
  gauge(name: string, value: number): void;
}

/** Takes a backend's word, between health checks, on whether it can serve at all. */
export interface BackendAvailability {
  /** Takes both halves of the backend out of rotation: they are Unhealthy, for the reason given. */
  lost(reason: string): void;
  /** Puts them back, on trial. */
  regained(): void;
}

/** What a backend module is given to build with. */
export interface BackendContext {
  /** Buffers that hold any datagram; give back what you took. */
  readonly buffers: DatagramBuffers;
  /** Logs in the backend's name. */
  readonly logger: Logger;
  /** The network, limited to what the backend may reach. */
  readonly net: BackendNetwork;
  /** Reports numbers; undefined where nobody collects them. */
  readonly metrics?: BackendMetrics;
  /** Takes the backend out of rotation and back; undefined where nobody listens. */
  readonly availability?: BackendAvailability;
}

/** The kinds of permission that Deno tells apart. */
export type PermissionKind = "net" | "read" | "write" | "env" | "sys" | "import" | "run" | "ffi";

/** One thing that a backend has to be permitted. */
export interface PermissionNeed {
  /** Which kind of permission. */
  readonly kind: PermissionKind;
  /** What exactly, as Deno's `--allow-…` takes it: `10.0.0.5:80`, `unix:/run/db.sock`, `/etc/hosts`. */
  readonly value: string;
  /** What for, in a few words: `target`. */
  readonly reason: string;
  /** The transport that needs it; both unless given. */
  readonly networkProtocol?: NetworkProtocol;
}

/** The default export of a backend module. */
export interface BackendModule {
  /** The module's own name for its protocol, for display. */
  readonly protocol: string;
  /**
   * The parameters it knows, beside the matchers and `priority` that every backend has; a name may end in
   * `*`. Any other parameter is an error. Undefined accepts all.
   */
  readonly parameters?: readonly string[];
  /**
   * Matchers that hold for every backend of this protocol, as if its spec had them: `{ detect: "bittorrent" }`.
   */
  readonly matchers?: Readonly<Record<string, string>>;
  /** The parameters its health check knows, beside the timings. Undefined accepts all. */
  readonly healthCheckParameters?: readonly string[];
  /**
   * What a backend of that spec has to be permitted; nothing unless given. Pure. Throws as
   * {@linkcode BackendModule.createBackend} does when the spec is wrong.
   */
  permissions?(spec: BackendSpec): readonly PermissionNeed[];
  /** Throws {@linkcode Error} with a message for the user when a value among them is wrong. */
  validateHealthCheck?(parameters: Readonly<Record<string, string>>): void;
  /** Builds a backend. Throws {@linkcode Error} with a message for the user when the spec is wrong. */
  createBackend(spec: BackendSpec, context: BackendContext): Awaitable<Backend>;
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
