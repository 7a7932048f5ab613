/**
 * The contracts between the multiplexer and what carries traffic for it: backends, connections, datagrams and
 * routing strategies. Everything here is part of the public API.
 *
 * @module
 */

import type { BackendSpec, NetworkProtocol } from "../config/types.ts";
import type { Verdict } from "../protocol/detector.ts";
import type { Health } from "./health.ts";

/**
 * A value that may come now or later. What is there now costs no turn of the event loop.
 *
 * @example
 * ```ts
 * import type { Awaitable, Verdict } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const now: Awaitable<Verdict> = "match";
 * const later: Awaitable<Verdict> = Promise.resolve("match");
 * assertEquals(await later, now);
 * ```
 */
export type Awaitable<T> = T | Promise<T>;

/**
 * Names and values that matchers, logs and strategies see: `detected`, `sni`, `socket.remote-ip`, …
 *
 * @example
 * ```ts
 * import type { Properties } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const properties: Properties = { detected: "tls", sni: "www.example.com" };
 * assertEquals(properties.sni, "www.example.com");
 * ```
 */
export type Properties = Readonly<Record<string, string>>;

/**
 * One end of a TCP connection or of a UDP session. IPv4-mapped IPv6 addresses appear as IPv4.
 *
 * @example
 * ```ts
 * import type { Endpoint } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const endpoint: Endpoint = { address: "2001:db8::1", port: 443 };
 * assertEquals(endpoint.address.includes(":"), true);
 * ```
 */
export interface Endpoint {
  /** The IP address, without brackets or zone. */
  readonly address: string;
  /** The port, 0 to 65535. */
  readonly port: number;
}

/**
 * Who is calling, and which of our addresses it called.
 *
 * @example
 * ```ts
 * import type { ClientInfo } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const client: ClientInfo = {
 *   local: { address: "192.0.2.1", port: 443 },
 *   remote: { address: "198.51.100.7", port: 50_000 },
 * };
 * assertEquals(client.remote.address, "198.51.100.7");
 * ```
 */
export interface ClientInfo {
  /** The address and port that the client used, also where the listener is bound to a wildcard. */
  readonly local: Endpoint;
  /** The client's own address and port; behind a trusted proxy, the real client's. */
  readonly remote: Endpoint;
}

/**
 * A client's connection while backends look at it: what is known, and the bytes so far.
 *
 * @example
 * ```ts
 * import type { Preview, Verdict } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * // Whether a client speaks first with a line that ends in CR LF (RFC 5234).
 * const hasLine = ({ bytes, ended }: Pick<Preview, "bytes" | "ended">): Verdict =>
 *   new TextDecoder().decode(bytes).includes("\r\n") ? "match" : ended ? "mismatch" : "incomplete";
 * assertEquals(hasLine({ bytes: new TextEncoder().encode("EHLO"), ended: false }), "incomplete");
 * ```
 */
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

/**
 * A routed client connection, as a backend's `connect` sees it.
 *
 * @example
 * ```ts
 * import type { ClientConnection, Dial } from "@pmmux/cli/mod";
 *
 * // Sends the clients of one network to a port of their own.
 * function connect({ client }: ClientConnection): Dial {
 *   const isLocal = client.remote.address.startsWith("192.168.");
 *   return { hostname: "127.0.0.1", port: isLocal ? 3001 : 3000 };
 * }
 * ```
 */
export interface ClientConnection {
  /** Who is calling. */
  readonly client: ClientInfo;
  /** What negotiators and detectors found out. */
  readonly properties: Properties;
}

/**
 * An answer to `connect`: the multiplexer itself connects there and relays, at full speed.
 *
 * @example
 * ```ts
 * import type { Dial } from "@pmmux/cli/mod";
 *
 * const web: Dial = { hostname: "127.0.0.1", port: 3000 };
 * const database: Dial = { transport: "unix", path: "/run/postgresql/.s.PGSQL.5432" };
 * const announced: Dial = { ...web, head: new TextEncoder().encode("PROXY UNKNOWN\r\n") };
 * ```
 */
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

/**
 * An answer to `connect`: the module speaks with the client itself.
 *
 * @example
 * ```ts
 * import type { Connection } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * // Says one thing and ends.
 * function say(text: string): Connection {
 *   let unread: Uint8Array = new TextEncoder().encode(text);
 *   return {
 *     read(buffer) {
 *       if (unread.length === 0) return Promise.resolve(null);
 *       const chunk = unread.subarray(0, buffer.length);
 *       buffer.set(chunk);
 *       unread = unread.subarray(chunk.length);
 *       return Promise.resolve(chunk.length);
 *     },
 *     write: (bytes) => Promise.resolve(bytes.length),
 *     closeWrite() {},
 *     close() {},
 *   };
 * }
 * assertEquals(await say("closed for today\n").read(new Uint8Array(64)), 17);
 * ```
 */
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

/**
 * Sends datagrams back to one client, from the socket and the address that the client wrote to.
 *
 * @example
 * ```ts
 * import type { ClientWriter } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const sent: Uint8Array[] = [];
 * const writer: ClientWriter = {
 *   client: { local: { address: "192.0.2.1", port: 53 }, remote: { address: "198.51.100.7", port: 50_000 } },
 *   write: (message) => Promise.resolve(sent.push(message) > 0),
 * };
 * assertEquals(await writer.write(new Uint8Array([1])), true);
 * ```
 */
export interface ClientWriter {
  /** Who is written to. */
  readonly client: ClientInfo;
  /** Sends one datagram; answers whether it was handed to the network (a full queue drops it). */
  write(message: Uint8Array): Promise<boolean>;
}

/**
 * Finds the writer of a client whose message is or was being handled; fails for any other.
 *
 * @example
 * ```ts
 * import type { ClientInfo, ClientWriterFactory } from "@pmmux/cli/mod";
 *
 * // Answers each datagram with its length.
 * class Lengths {
 *   #writer: ClientWriterFactory | undefined;
 *
 *   initialize(clientWriterFactory: ClientWriterFactory): void {
 *     this.#writer = clientWriterFactory;
 *   }
 *
 *   async handleMessage(client: ClientInfo, _metadata: unknown, message: Uint8Array): Promise<void> {
 *     await this.#writer!(client).write(new TextEncoder().encode(String(message.length)));
 *   }
 * }
 * ```
 */
export type ClientWriterFactory = (client: ClientInfo) => ClientWriter;

/**
 * The tiers of `priority=`, lowest first.
 *
 * @example
 * ```ts
 * import type { PriorityTier } from "@pmmux/cli/mod";
 *
 * const lowestFirst: PriorityTier[] = ["fallback", "standby", "normal", "vip"];
 * ```
 */
export type PriorityTier = "fallback" | "standby" | "normal" | "vip";

/**
 * What a backend tells of itself.
 *
 * @example
 * ```ts
 * import { type BackendInfo, NoopBackend, parseBackendSpec } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const info: BackendInfo = new NoopBackend(parseBackendSpec("nobody:noop:priority=normal")).info;
 * assertEquals([info.spec.name, info.priorityTier], ["nobody", "normal"]);
 * ```
 */
export interface BackendInfo {
  /** The spec it was made from. */
  readonly spec: BackendSpec;
  /** What it adds for display (`target.ip`, …); no secrets. */
  readonly properties: Properties;
  /** Its priority tier. */
  readonly priorityTier: PriorityTier;
}

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
 * What every backend has.
 *
 * @example
 * ```ts
 * import { type Backend, isMessageBackend, NoopBackend, parseBackendSpec } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * await using backend: Backend = new NoopBackend(parseBackendSpec("nobody:noop:"));
 * assertEquals(isMessageBackend(backend), true);
 * ```
 */
export interface Backend extends AsyncDisposable {
  /** What it is. Constant. */
  readonly info: BackendInfo;
}

/**
 * A backend that takes TCP connections.
 *
 * @example
 * ```ts
 * import type { BackendSpec, ConnectionBackend } from "@pmmux/cli/mod";
 *
 * // Takes clients that call from a privileged port (RFC 6335: 0 to 1023).
 * const privileged = (spec: BackendSpec): ConnectionBackend => ({
 *   info: { spec, properties: {}, priorityTier: "normal" },
 *   canHandleConnection: ({ client }) => client.remote.port < 1024 ? "match" : "mismatch",
 *   connect: () => ({ hostname: "127.0.0.1", port: 514 }),
 *   [Symbol.asyncDispose]: () => Promise.resolve(),
 * });
 * ```
 */
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

/**
 * A backend that takes UDP datagrams.
 *
 * @example
 * ```ts
 * import type { BackendSpec, ClientWriterFactory, MessageBackend } from "@pmmux/cli/mod";
 *
 * // Sends every datagram back, as RFC 862 says.
 * function echo(spec: BackendSpec): MessageBackend {
 *   let writer: ClientWriterFactory;
 *   return {
 *     info: { spec, properties: {}, priorityTier: "normal" },
 *     initialize: (clientWriterFactory) => void (writer = clientWriterFactory),
 *     canHandleMessage: () => "match",
 *     handleMessage: async (client, _metadata, message) => void await writer(client).write(message),
 *     [Symbol.asyncDispose]: () => Promise.resolve(),
 *   };
 * }
 * ```
 */
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

/**
 * The outcome of one health check.
 *
 * @example
 * ```ts
 * import type { HealthCheckResult } from "@pmmux/cli/mod";
 *
 * const well: HealthCheckResult = { healthy: true };
 * const ill: HealthCheckResult = { healthy: false, reason: "connection refused" };
 * ```
 */
export interface HealthCheckResult {
  /** Whether the backend is well. */
  readonly healthy: boolean;
  /** Why not, in a few words. */
  readonly reason?: string;
}

/**
 * A backend that can be asked whether it is well.
 *
 * @example
 * ```ts
 * import type { BackendSpec, HealthCheckBackend } from "@pmmux/cli/mod";
 *
 * // Is well as long as a file is there.
 * const switched = (spec: BackendSpec): HealthCheckBackend => ({
 *   info: { spec, properties: {}, priorityTier: "normal" },
 *   async healthCheck(_networkProtocol, { file = "/run/in-rotation" }) {
 *     await Deno.stat(file);
 *     return { healthy: true };
 *   },
 *   [Symbol.asyncDispose]: () => Promise.resolve(),
 * });
 * ```
 */
export interface HealthCheckBackend extends Backend {
  /** Performs one check; a throw is a failure with the error's message as reason. */
  healthCheck(
    networkProtocol: NetworkProtocol,
    parameters: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<HealthCheckResult>;
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

/**
 * Whether a backend takes TCP connections.
 *
 * @example
 * ```ts
 * import { isConnectionBackend, NoopBackend, parseBackendSpec } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * await using backend = new NoopBackend(parseBackendSpec("nobody:noop:"));
 * assertEquals(isConnectionBackend(backend), true);
 * ```
 */
export function isConnectionBackend(backend: Backend): backend is ConnectionBackend {
  return "canHandleConnection" in backend && "connect" in backend;
}

/**
 * Whether a backend takes UDP datagrams.
 *
 * @example
 * ```ts
 * import { isMessageBackend, NoopBackend, parseBackendSpec } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * await using backend = new NoopBackend(parseBackendSpec("nobody:noop:"));
 * assertEquals(isMessageBackend(backend), true);
 * ```
 */
export function isMessageBackend(backend: Backend): backend is MessageBackend {
  return "canHandleMessage" in backend && "handleMessage" in backend;
}

/**
 * Whether a backend can be asked for its health.
 *
 * @example
 * ```ts
 * import { isHealthCheckBackend, NoopBackend, parseBackendSpec } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * await using backend = new NoopBackend(parseBackendSpec("nobody:noop:"));
 * assertEquals(isHealthCheckBackend(backend), false);
 * ```
 */
export function isHealthCheckBackend(backend: Backend): backend is HealthCheckBackend {
  return "healthCheck" in backend;
}
