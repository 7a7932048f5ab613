/**
 * The guest's side of the wire: loads one backend module, builds one backend with it, and hands it what the
 * host asks. The same for every kind of isolation.
 *
 * Nothing here is trusted by the host: a module can do as it likes with the program it runs in.
 *
 * @module
 */

import {
  type Backend,
  isConnectionBackend,
  isHealthCheckBackend,
  isMessageBackend,
} from "../routing/backend.ts";
import type { BackendModule } from "../routing/backend_module.ts";
import { LOG_LEVELS } from "../routing/logger.ts";
import { GuestConnections } from "./guest_connections.ts";
import { guestContext, GuestLogger, GuestMetrics } from "./guest_context.ts";
import { describeThrown } from "./guest_failure.ts";
import { redirectConsole, reportUncaught } from "./guest_hardening.ts";
import { importModule } from "./guest_import.ts";
import { GuestSessions } from "./guest_sessions.ts";
import { encodeFrame, type Frame, FrameDecoder, WIRE_VERSION } from "./wire.ts";
import type { SendFrame } from "./wire_stream.ts";
import type { Wire } from "./wire_transport.ts";
import { isText, readNames, readRecord, readText, readWord } from "./wire_values.ts";

/** Log lines and replies are dropped while more than this waits to be sent. */
const MAX_QUEUED_BYTES = 1024 * 1024;

/** A guest from its start to its end. */
export class GuestProgram {
  readonly #wire: Wire;
  readonly #calls = new Map<number, AbortController>();
  readonly #source: Uint8Array<ArrayBuffer>[] = [];
  readonly #metrics = new GuestMetrics((...frame) => this.#send(...frame));
  #backend: Backend | undefined;
  #connections: GuestConnections | undefined;
  #sessions: GuestSessions | undefined;

  /** Speaks over this wire. */
  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** Serves the host until it is gone. */
  async run(): Promise<void> {
    const decoder = new FrameDecoder();
    this.#send("hello", { head: { version: WIRE_VERSION } });
    for (let chunk = await this.#wire.read(); chunk !== null; chunk = await this.#wire.read()) {
      for (const frame of decoder.decode(chunk)) this.#receive(frame);
    }
  }

  readonly #send: SendFrame = (kind, parts) => {
    if (kind !== "log" || this.#hasRoom()) this.#wire.send(encodeFrame(kind, parts));
  };

  #hasRoom(): boolean {
    return this.#wire.queued < MAX_QUEUED_BYTES;
  }

  #receive(frame: Frame): void {
    switch (frame.kind) {
      case "ping":
        return this.#send("pong", {});
      case "source":
        return void this.#source.push(frame.bytes);
      case "preview":
        return this.#connections?.preview(frame);
      case "forget":
        this.#connections?.forget(frame);
        return this.#calls.get(frame.id)?.abort();
      case "session-end":
        return this.#sessions?.end(frame);
      case "message":
        return void this.#sessions?.message(frame);
      case "cancel":
        return this.#calls.get(frame.id)?.abort();
      case "data":
      case "credit":
      case "end":
      case "close":
        return this.#connections?.stream(frame);
      default:
        this.#answer(frame);
    }
  }

  /** Performs a call of the host; what it throws is the answer then. */
  async #answer(frame: Frame): Promise<void> {
    const controller = new AbortController();
    this.#calls.set(frame.id, controller);
    try {
      await this.#perform(frame, controller.signal);
    } catch (error) {
      const message = describeThrown(error);
      this.#send("failed", { id: frame.id, head: { message } });
    } finally {
      this.#calls.delete(frame.id);
    }
  }

  #perform(frame: Frame, signal: AbortSignal): Promise<void> | undefined {
    switch (frame.kind) {
      case "create":
        return this.#create(frame);
      case "judge":
        return this.#connections?.judge(frame, signal);
      case "connect":
        return this.#connections?.connect(frame, signal);
      case "judge-message":
        return this.#sessions?.judge(frame, signal);
      case "check":
        return this.#check(frame, signal);
      case "dispose":
        return this.#dispose(frame);
    }
  }

  async #dispose({ id }: Frame): Promise<void> {
    await this.#backend?.[Symbol.asyncDispose]();
    this.#metrics.flush();
    this.#send("disposed", { id });
  }

  async #create({ id, head }: Frame): Promise<void> {
    const record = readRecord(head);
    const logger = new GuestLogger(this.#send, readWord(record, "level", LOG_LEVELS));
    redirectConsole(logger);
    reportUncaught(logger);
    const url = readText(record, "module") ?? "";
    const module = await importModule(url, this.#source);
    const spec = {
      name: readText(record, "name") ?? "",
      protocol: readText(record, "protocol") ?? "",
      parameters: { ...readNames(record, "parameters", isText) },
    };
    const backend = await module.createBackend(spec, guestContext(logger, this.#metrics));
    await this.#use(backend);
    this.#send("created", { id, head: describe(backend, module) });
  }

  async #use(backend: Backend): Promise<void> {
    const hasRoom = () => this.#hasRoom();
    this.#backend = backend;
    if (isConnectionBackend(backend)) this.#connections = new GuestConnections(backend, this.#send);
    if (!isMessageBackend(backend)) return;
    this.#sessions = new GuestSessions(backend, this.#send, { hasRoom });
    await this.#sessions.initialize();
  }

  async #check({ id, head }: Frame, signal: AbortSignal): Promise<void> {
    const record = readRecord(head);
    const networkProtocol = readWord(record, "networkProtocol", ["tcp", "udp"]);
    if (this.#backend === undefined || !isHealthCheckBackend(this.#backend)) return;
    const parameters = readNames(record, "parameters", isText);
    const { healthy, reason } = await this.#backend.healthCheck(networkProtocol, parameters, signal);
    this.#send("health", { id, head: { healthy, reason } });
  }
}

/** What the host has to know of a backend. */
function describe(backend: Backend, module: BackendModule): Record<string, unknown> {
  return {
    protocol: module.protocol,
    parameters: module.parameters,
    healthCheckParameters: module.healthCheckParameters,
    matchers: module.matchers,
    properties: backend.info.properties,
    priorityTier: backend.info.priorityTier,
    takesConnections: isConnectionBackend(backend),
    takesMessages: isMessageBackend(backend),
    checksHealth: isHealthCheckBackend(backend),
  };
}
