/**
 * A guest as a backend: what the core asks, the guest is asked, within its time and its permissions.
 *
 * @module
 */

import { priorityTier } from "../backends/parameters.ts";
import type { BackendSpec } from "../config/types.ts";
import type { Verdict } from "../protocol/detector.ts";
import type {
  Backend,
  BackendInfo,
  ConnectionBackend,
  HealthCheckBackend,
  HealthCheckResult,
  MessageBackend,
  PriorityTier,
} from "../routing/backend.ts";
import type {
  Awaitable,
  ClientConnection,
  ClientInfo,
  ClientWriterFactory,
  Preview,
  Properties,
} from "../routing/client.ts";
import type { NetworkProtocol } from "../config/types.ts";
import { type DialGuard, DialRefused } from "./host_dial.ts";
import type { ConnectAnswer } from "./host_connections.ts";
import type { Guest } from "./host_guest.ts";
import type { GuestKeeper } from "./host_keeper.ts";
import type { GuestReports } from "./host_reports.ts";
import type { Frame } from "./wire.ts";
import { isScalar, isText, readFlag, readNames, readRecord, readText, readTexts } from "./wire_values.ts";

/** What a guest says about the backend that it has built. */
export interface GuestDescription {
  readonly parameters?: readonly string[];
  readonly healthCheckParameters?: readonly string[];
  readonly matchers: Readonly<Record<string, string>>;
  readonly properties: Properties;
  readonly priorityTier?: PriorityTier;
  readonly takesConnections: boolean;
  readonly takesMessages: boolean;
  readonly checksHealth: boolean;
}

/** What a guest's backend is made of. */
export interface GuestBackendOptions {
  readonly spec: BackendSpec;
  readonly description: GuestDescription;
  readonly keeper: GuestKeeper;
  readonly guard: DialGuard;
  readonly reports: GuestReports;
  /** Milliseconds that a verdict may take. */
  readonly timeout: number;
  /** Called with the way back to clients. */
  readonly onInitialize: (factory: ClientWriterFactory) => void;
}

/** How long a guest may take to stop by itself, in milliseconds. */
const FAREWELL_MS = 1000;
const LONGEST_REASON = 300;

/** Reads what a guest says about its backend. */
export function readDescription({ head }: Frame): GuestDescription {
  const record = readRecord(head);
  const tier = readText(record, "priorityTier");
  return {
    parameters: readTexts(record, "parameters"),
    healthCheckParameters: readTexts(record, "healthCheckParameters"),
    matchers: Object.fromEntries(
      Object.entries(readNames(record, "matchers", isScalar)).map(([name, value]) => [name, String(value)]),
    ),
    properties: readNames(record, "properties", isText),
    ...(tier !== undefined && { priorityTier: tier as PriorityTier }),
    takesConnections: readFlag(record, "takesConnections"),
    takesMessages: readFlag(record, "takesMessages"),
    checksHealth: readFlag(record, "checksHealth"),
  };
}

/** The backend that a guest stands behind; it has the methods that the guest's own backend has. */
export function guestBackend(options: GuestBackendOptions): Backend {
  const { takesConnections, takesMessages, checksHealth } = options.description;
  const calls = new GuestBackendCalls(options);
  const connections: Omit<ConnectionBackend, keyof Backend> = {
    canHandleConnection: (preview) => calls.judgeConnection(preview),
    connect: (client, signal) => calls.connect(client, signal),
  };
  const messages: Omit<MessageBackend, keyof Backend> = {
    initialize: options.onInitialize,
    canHandleMessage: (client, metadata, message) => calls.judgeMessage(client, message, metadata),
    handleMessage: (client, metadata, message, signal) => {
      options.keeper.guest?.sessions.handle(client, message, { metadata, signal });
    },
  };
  const health: Omit<HealthCheckBackend, keyof Backend> = {
    healthCheck: (networkProtocol, parameters, signal) =>
      calls.healthCheck({ networkProtocol, parameters, signal }),
  };
  return {
    info: infoOf(options),
    [Symbol.asyncDispose]: () => options.keeper.stop(farewell),
    ...(takesConnections && connections),
    ...(takesMessages && messages),
    ...(checksHealth && health),
  };
}

class GuestBackendCalls {
  readonly #options: GuestBackendOptions;

  constructor(options: GuestBackendOptions) {
    this.#options = options;
  }

  judgeConnection(preview: Preview): Awaitable<Verdict> {
    const { timeout } = this.#options;
    return this.#answering?.connections.judge(preview, timeout).catch(this.#failed) ?? "mismatch";
  }

  judgeMessage(client: ClientInfo, message: Uint8Array, metadata: Properties): Awaitable<Verdict> {
    const { timeout } = this.#options;
    const verdict = this.#answering?.sessions.judge(client, message, { metadata, timeout });
    return verdict?.catch(this.#failed) ?? "mismatch";
  }

  connect(client: ClientConnection, signal: AbortSignal): Awaitable<ConnectAnswer> {
    const answer = this.#running().connections.connect(client, signal);
    return answer instanceof Promise
      ? answer.then((it) => this.#checked(it, signal))
      : this.#checked(answer, signal);
  }

  async healthCheck(
    { networkProtocol, parameters, signal }: {
      networkProtocol: NetworkProtocol;
      parameters: Readonly<Record<string, string>>;
      signal: AbortSignal;
    },
  ): Promise<HealthCheckResult> {
    const { calls } = this.#running();
    return await calls.call("check", {
      id: calls.nextId(),
      head: { networkProtocol, parameters },
      answers: { health: readHealth },
      signal,
    });
  }

  /** The guest, if it can be expected to answer. */
  get #answering(): Guest | undefined {
    const { guest } = this.#options.keeper;
    return guest?.calls.isSuspect === false ? guest : undefined;
  }

  /** A guest that cannot judge does not want the connection; that is its loss, and not worth an error. */
  readonly #failed = (error: Error): Verdict => {
    this.#options.reports.limited("guest failed to judge", { reason: error.message });
    return "mismatch";
  };

  #checked(answer: ConnectAnswer, signal: AbortSignal): Awaitable<ConnectAnswer> {
    if (answer === null || "read" in answer) return answer;
    try {
      const checked = this.#options.guard.check(answer, signal);
      return checked instanceof Promise ? checked.catch(this.#refused) : checked;
    } catch (error) {
      return this.#refused(error);
    }
  }

  readonly #refused = (error: unknown): never => {
    if (error instanceof DialRefused) this.#options.reports.limited(error.message);
    throw error;
  };

  #running(): Guest {
    const { guest, reason } = this.#options.keeper;
    if (guest !== undefined) return guest;
    throw new Error(`its guest does not run: ${reason}`);
  }
}

/** A module cannot read `priority=` without this package's code, so it is read here. */
function infoOf({ spec, description }: GuestBackendOptions): BackendInfo {
  return {
    spec,
    properties: { ...description.properties },
    priorityTier: priorityTier(spec, knownTier(spec, description.priorityTier)),
  };
}

function knownTier(spec: BackendSpec, tier: string | undefined): PriorityTier {
  try {
    return priorityTier({ ...spec, parameters: { priority: tier ?? "" } }, "normal");
  } catch {
    return "normal";
  }
}

function readHealth({ head }: Frame): HealthCheckResult {
  const record = readRecord(head);
  const reason = readText(record, "reason", LONGEST_REASON);
  return { healthy: readFlag(record, "healthy"), ...(reason !== undefined && { reason }) };
}

async function farewell({ calls }: Guest): Promise<void> {
  await calls.call("dispose", {
    id: calls.nextId(),
    answers: { disposed: () => {} },
    timeout: FAREWELL_MS,
  });
}
