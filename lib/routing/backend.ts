/**
 * The contract of backends: what they tell of themselves, and what the multiplexer asks them. Everything here is part
 * of the public API.
 *
 * @module
 */

import type { BackendSpec, NetworkProtocol } from "../config/types.ts";
import type { Verdict } from "../protocol/detector.ts";
import type {
  Awaitable,
  ClientConnection,
  ClientInfo,
  ClientWriterFactory,
  Connection,
  Dial,
  Preview,
  Properties,
} from "./client.ts";

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
