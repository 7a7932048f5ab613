/**
 * A backend that does what a test says, and remembers what it was asked.
 *
 * @module
 */

import type { NetworkProtocol } from "../../lib/config/types.ts";
import type { Verdict } from "../../lib/protocol/detector.ts";
import type {
  BackendInfo,
  ConnectionBackend,
  HealthCheckBackend,
  HealthCheckResult,
  MessageBackend,
  PriorityTier,
} from "../../lib/routing/backend.ts";
import { BackendEntry } from "../../lib/routing/backend_entry.ts";
import type {
  Awaitable,
  ClientConnection,
  ClientInfo,
  ClientWriterFactory,
  Connection,
  Dial,
  Properties,
} from "../../lib/routing/client.ts";

/** What a fake backend does; it wants everything, and closes or drops it. */
export interface FakeBackendParts {
  readonly name?: string;
  readonly protocol?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly tier?: PriorityTier;
  /** Judges connections and sessions by the bytes so far. */
  readonly judge?: (bytes: Uint8Array, signal: AbortSignal) => Awaitable<Verdict>;
  readonly connect?: (
    client: ClientConnection,
    signal: AbortSignal,
  ) => Awaitable<Dial | Connection | null>;
  readonly handle?: (client: ClientInfo, message: Uint8Array, signal: AbortSignal) => Awaitable<void>;
  readonly check?: (networkProtocol: NetworkProtocol, signal: AbortSignal) => Promise<HealthCheckResult>;
  readonly initialize?: () => Awaitable<void>;
  readonly dispose?: () => Awaitable<void>;
}

/** The backend. */
export class FakeBackend implements ConnectionBackend, MessageBackend, HealthCheckBackend {
  readonly info: BackendInfo;
  /** How often it was asked for a verdict. */
  asked = 0;
  /** How often it was given a connection. */
  connected = 0;
  /** How often it was checked. */
  checked = 0;
  /** What sessions were told beside their datagrams. */
  metadata: Properties | undefined;
  /** How often it was disposed. */
  disposed = 0;
  /** The way back to clients. */
  writer: ClientWriterFactory | undefined;
  readonly #parts: FakeBackendParts;

  constructor(parts: FakeBackendParts = {}) {
    const { name = "fake", protocol = "fake", parameters = {}, tier = "normal" } = parts;
    this.#parts = parts;
    this.info = { spec: { name, protocol, parameters }, properties: {}, priorityTier: tier };
  }

  async initialize(writer: ClientWriterFactory): Promise<void> {
    this.writer = writer;
    await this.#parts.initialize?.();
  }

  canHandleConnection({ bytes }: { readonly bytes: Uint8Array }, signal: AbortSignal): Awaitable<Verdict> {
    this.asked++;
    return this.#parts.judge?.(bytes, signal) ?? "match";
  }

  connect(client: ClientConnection, signal: AbortSignal): Awaitable<Dial | Connection | null> {
    this.connected++;
    return this.#parts.connect?.(client, signal) ?? null;
  }

  canHandleMessage(
    _client: ClientInfo,
    metadata: Properties,
    message: Uint8Array,
    signal: AbortSignal,
  ): Awaitable<Verdict> {
    this.asked++;
    this.metadata = metadata;
    return this.#parts.judge?.(message, signal) ?? "match";
  }

  handleMessage(
    client: ClientInfo,
    _metadata: Properties,
    message: Uint8Array,
    signal: AbortSignal,
  ): Awaitable<void> {
    return this.#parts.handle?.(client, message, signal);
  }

  async healthCheck(
    networkProtocol: NetworkProtocol,
    _parameters: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<HealthCheckResult> {
    this.checked++;
    return await (this.#parts.check?.(networkProtocol, signal) ?? { healthy: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disposed++;
    await this.#parts.dispose?.();
  }
}

/** One half of a fake backend in a routing table. */
export function fakeEntry(
  parts: FakeBackendParts = {},
  { networkProtocol = "tcp", now }: { networkProtocol?: NetworkProtocol; now?: () => number } = {},
): BackendEntry & { readonly backend: FakeBackend } {
  const backend = new FakeBackend(parts);
  return new BackendEntry({ backend, networkProtocol, now }) as BackendEntry & { backend: FakeBackend };
}
