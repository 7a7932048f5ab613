/**
 * The contract of backend modules, those of pmmux and those of others: what they export, and what they are
 * given to work with. Everything here is part of the public API.
 *
 * @module
 */

import type { BackendSpec, NetworkProtocol } from "../config/types.ts";
import type { Backend } from "./backend.ts";
import type { Awaitable, Connection, Dial } from "./client.ts";
import type { Logger } from "./logger.ts";

/**
 * A UDP socket of a backend towards one target.
 *
 * @example
 * ```ts
 * import type { UpstreamSocket } from "@pmmux/cli/mod";
 *
 * // Asks a target, and answers what it says first.
 * async function ask(socket: UpstreamSocket, question: Uint8Array): Promise<Uint8Array | null> {
 *   await socket.send(question);
 *   return await socket.receive(new Uint8Array(65_536));
 * }
 * ```
 */
export interface UpstreamSocket {
  /** Sends to the target; rejects when the system would not take the datagram. */
  send(message: Uint8Array): Promise<void>;
  /** Receives one datagram of the target into the buffer; `null` once closed. */
  receive(buffer: Uint8Array): Promise<Uint8Array | null>;
  /** Closes the socket. */
  close(): void;
}

/**
 * The network as a backend may use it.
 *
 * @example
 * ```ts
 * import type { BackendContext, Connection } from "@pmmux/cli/mod";
 *
 * // Connects to a database, or gives up with the client that asked for it.
 * function open({ net }: BackendContext, signal: AbortSignal): Promise<Connection> {
 *   return net.connect({ hostname: "127.0.0.1", port: 5432 }, signal);
 * }
 * ```
 */
export interface BackendNetwork {
  /** Opens a TCP or Unix connection. */
  connect(dial: Dial, signal: AbortSignal): Promise<Connection>;
  /** Opens a UDP socket towards one target; a name is resolved now. */
  openDatagram(target: { hostname: string; port: number }): Promise<UpstreamSocket>;
}

/**
 * Shared buffers for datagrams.
 *
 * @example
 * ```ts
 * import type { DatagramBuffers, UpstreamSocket } from "@pmmux/cli/mod";
 *
 * async function sizeOfAnswer(socket: UpstreamSocket, buffers: DatagramBuffers): Promise<number> {
 *   const buffer = buffers.take();
 *   try {
 *     return (await socket.receive(buffer))?.length ?? 0;
 *   } finally {
 *     buffers.give(buffer);
 *   }
 * }
 * ```
 */
export interface DatagramBuffers {
  /** A buffer of 65,536 bytes with arbitrary content. */
  take(): Uint8Array<ArrayBuffer>;
  /** Gives a buffer back; do not touch it afterwards. */
  give(buffer: Uint8Array<ArrayBuffer>): void;
}

/**
 * Takes the numbers that a backend reports about itself; they appear under its name.
 *
 * @example
 * ```ts
 * import type { BackendMetrics } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const counts = new Map<string, number>();
 * const metrics: BackendMetrics = {
 *   count: (name, by = 1) => void counts.set(name, (counts.get(name) ?? 0) + by),
 *   gauge: (name, value) => void counts.set(name, value),
 * };
 * metrics.count("queries.refused");
 * assertEquals(counts.get("queries.refused"), 1);
 * ```
 */
export interface BackendMetrics {
  /** Adds to a counter, 1 unless given. Names are lower-case words joined by dots: `queries.refused`. */
  count(name: string, by?: number): void;
  /** Sets a gauge. */
  gauge(name: string, value: number): void;
}

/**
 * Takes a backend's word, between health checks, on whether it can serve at all.
 *
 * @example
 * ```ts
 * import type { BackendAvailability } from "@pmmux/cli/mod";
 *
 * // Follows a subscription that a backend cannot serve without.
 * function follow(availability: BackendAvailability | undefined, isConnected: boolean): void {
 *   if (isConnected) availability?.regained();
 *   else availability?.lost("the subscription has ended");
 * }
 * follow(undefined, true);
 * ```
 */
export interface BackendAvailability {
  /** Takes both halves of the backend out of rotation: they are Unhealthy, for the reason given. */
  lost(reason: string): void;
  /** Puts them back, on trial. */
  regained(): void;
}

/**
 * What a backend module is given to build with.
 *
 * @example
 * ```ts
 * import type { BackendContext, BackendModule, ClientConnection } from "@pmmux/cli/mod";
 *
 * const module: BackendModule = {
 *   protocol: "counted",
 *   createBackend: (spec, { logger, metrics }: BackendContext) => ({
 *     info: { spec, properties: {}, priorityTier: "normal" },
 *     canHandleConnection: () => "match",
 *     connect({ client }: ClientConnection) {
 *       logger.debug("turned away", { client: client.remote.address });
 *       metrics?.count("turned.away");
 *       return null;
 *     },
 *     [Symbol.asyncDispose]: () => Promise.resolve(),
 *   }),
 * };
 * export default module;
 * ```
 */
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

/**
 * The kinds of permission that Deno tells apart.
 *
 * @example
 * ```ts
 * import type { PermissionKind } from "@pmmux/cli/mod";
 *
 * const kinds: PermissionKind[] = ["net", "read"];
 * console.log(kinds.map((kind) => `--allow-${kind}`));
 * ```
 */
export type PermissionKind = "net" | "read" | "write" | "env" | "sys" | "import" | "run" | "ffi";

/**
 * One thing that a backend has to be permitted.
 *
 * @example
 * ```ts
 * import type { PermissionNeed } from "@pmmux/cli/mod";
 *
 * const need: PermissionNeed = { kind: "net", value: "10.0.0.5:80", reason: "target", networkProtocol: "tcp" };
 * console.log(`--allow-${need.kind}=${need.value}`);
 * ```
 */
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

/**
 * The default export of a backend module.
 *
 * @example
 * ```ts
 * import { BackendLoader, type BackendModule, Multiplexer, parseBackendSpec } from "@pmmux/cli/mod";
 *
 * const hello: BackendModule = {
 *   protocol: "hello",
 *   parameters: ["target.port"],
 *   createBackend: (spec) => ({
 *     info: { spec, properties: {}, priorityTier: "normal" },
 *     canHandleConnection: () => "match",
 *     connect: () => ({
 *       hostname: "127.0.0.1",
 *       port: Number(spec.parameters["target.port"]),
 *       head: new TextEncoder().encode("HELLO\n"),
 *     }),
 *     [Symbol.asyncDispose]: () => Promise.resolve(),
 *   }),
 * };
 *
 * const loader = new BackendLoader({ base: import.meta.url });
 * loader.register("hello", hello);
 * await using multiplexer = new Multiplexer(
 *   { backends: [parseBackendSpec("web:hello:target.port=3000")] },
 *   { loader },
 * );
 * await multiplexer.start();
 * ```
 */
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
   * {@linkcode BackendModule.createBackend} does when the spec is wrong. Guests are not asked: what they may do
   * is for the configuration to say.
   */
  permissions?(spec: BackendSpec): readonly PermissionNeed[];
  /**
   * Throws {@linkcode Error} with a message for the user when a value among them is wrong. Guests are not asked:
   * theirs shows when they check.
   */
  validateHealthCheck?(parameters: Readonly<Record<string, string>>): void;
  /** Builds a backend. Throws {@linkcode Error} with a message for the user when the spec is wrong. */
  createBackend(spec: BackendSpec, context: BackendContext): Awaitable<Backend>;
}
