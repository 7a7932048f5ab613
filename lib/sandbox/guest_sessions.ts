/**
 * The UDP sessions of a guest.
 *
 * @module
 */

import type { MessageBackend } from "../routing/backend.ts";
import type { ClientInfo, ClientWriter, Properties } from "../routing/client.ts";
import { describeThrown } from "./guest_failure.ts";
import { readClient, readProperties } from "./guest_heads.ts";
import type { Frame } from "./wire.ts";
import type { SendFrame } from "./wire_stream.ts";
import { readRecord } from "./wire_values.ts";

interface GuestSession {
  readonly client: ClientInfo;
  readonly metadata: Properties;
  readonly controller: AbortController;
}

/** What the guest knows of UDP clients. */
export class GuestSessions {
  readonly #backend: MessageBackend;
  readonly #send: SendFrame;
  readonly #hasRoom: () => boolean;
  readonly #sessions = new Map<number, GuestSession>();
  readonly #writers = new WeakMap<ClientInfo, ClientWriter>();

  /** Hands datagrams to the module's backend; replies are dropped while there is no room on the wire. */
  constructor(backend: MessageBackend, send: SendFrame, { hasRoom }: { hasRoom: () => boolean }) {
    this.#backend = backend;
    this.#send = send;
    this.#hasRoom = hasRoom;
  }

  /** Gives the module the way back to its clients. */
  async initialize(): Promise<void> {
    await this.#backend.initialize((client) => {
      const writer = this.#writers.get(client);
      if (writer !== undefined) return writer;
      throw new Error(`No session of client ${client.remote.address}:${client.remote.port}: it has ended`);
    });
  }

  /** Asks the module whether it wants the session that a datagram begins. */
  async judge({ id, head, bytes }: Frame, signal: AbortSignal): Promise<void> {
    const record = readRecord(head);
    const [client, metadata] = [readClient(record), readProperties(record)];
    const verdict = await this.#backend.canHandleMessage(client, metadata, bytes, signal);
    this.#send("verdict", { id, head: { verdict } });
  }

  /** Hands a datagram to the module. The first one of a session tells who its client is. */
  async message({ id, head, bytes }: Frame): Promise<void> {
    const session = head === undefined ? this.#sessions.get(id) : this.#begin(id, head);
    if (session === undefined) return;
    const { client, metadata, controller: { signal } } = session;
    try {
      await this.#backend.handleMessage(client, metadata, bytes, signal);
      this.#send("handled", { id });
    } catch (error) {
      const message = describeThrown(error);
      this.#send("handled", { id, head: { message } });
    }
  }

  /** Ends a session. */
  end({ id }: Frame): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    this.#sessions.delete(id);
    this.#writers.delete(session.client);
    session.controller.abort();
  }

  #begin(id: number, head: unknown): GuestSession {
    const record = readRecord(head);
    const client = readClient(record);
    const session = { client, metadata: readProperties(record), controller: new AbortController() };
    this.#sessions.set(id, session);
    this.#writers.set(client, {
      client,
      write: (message) => {
        const isSent = this.#sessions.has(id) && this.#hasRoom();
        if (isSent) this.#send("reply", { id, bytes: message });
        return Promise.resolve(isSent);
      },
    });
    return session;
  }
}
