/**
 * The UDP sessions of a guest, on the engine's side.
 *
 * @module
 */

import type { Verdict } from "../protocol/detector.ts";
import type { ClientInfo, ClientWriter, ClientWriterFactory, Properties } from "../routing/client.ts";
import { readVerdict } from "./host_connections.ts";
import type { GuestCalls } from "./host_calls.ts";
import type { GuestReports } from "./host_reports.ts";
import type { Frame } from "./wire.ts";
import { readRecord, readText } from "./wire_values.ts";

interface HostSession {
  readonly id: number;
  readonly writer: ClientWriter;
  readonly end: () => void;
}

/** Datagrams that the guest may have and not have handled yet; more are dropped. */
const MAX_UNHANDLED = 1024;
/** Bytes that may wait to be sent to the guest; datagrams beyond are dropped. */
const MAX_QUEUED_BYTES = 1024 * 1024;
/** Replies of a guest that may be on their way to clients; more are dropped. */
const MAX_REPLIES = 256;

/** Hands datagrams to a guest, and its replies to clients. */
export class HostSessions {
  readonly #calls: GuestCalls;
  readonly #reports: GuestReports;
  readonly #writers: () => ClientWriterFactory;
  readonly #sessions = new Map<ClientInfo, HostSession>();
  readonly #byId = new Map<number, HostSession>();
  #unhandled = 0;
  #replies = 0;

  /** The sessions of this guest. */
  constructor(
    calls: GuestCalls,
    reports: GuestReports,
    { writers }: { writers: () => ClientWriterFactory },
  ) {
    this.#calls = calls;
    this.#reports = reports;
    this.#writers = writers;
  }

  /** Asks whether the guest wants the session that a datagram begins. */
  judge(
    client: ClientInfo,
    message: Uint8Array,
    { metadata, timeout }: { metadata: Properties; timeout: number },
  ): Promise<Verdict> {
    return this.#calls.call("judge-message", {
      id: this.#calls.nextId(),
      head: { client, properties: metadata },
      bytes: message,
      answers: { verdict: readVerdict },
      timeout,
    });
  }

  /** Hands a datagram over. It is copied, so nothing has to wait for the guest. */
  handle(
    client: ClientInfo,
    message: Uint8Array,
    { metadata, signal }: { metadata: Properties; signal: AbortSignal },
  ): void {
    if (this.#unhandled >= MAX_UNHANDLED || this.#calls.queued > MAX_QUEUED_BYTES) {
      return this.#reports.limited("guest is too slow: datagrams to it are dropped");
    }
    const known = this.#sessions.get(client);
    const session = known ?? this.#begin(client, signal);
    this.#unhandled++;
    this.#calls.send("message", {
      id: session.id,
      bytes: message,
      ...(known === undefined && { head: { client, properties: metadata } }),
    });
  }

  /** Takes the guest's word that it has handled a datagram; false if it had none. */
  onHandled({ head }: Frame): boolean {
    if (this.#unhandled === 0) return false;
    this.#unhandled--;
    if (head === undefined) return true;
    const reason = readText(readRecord(head), "message");
    this.#reports.limited("guest failed to handle a datagram", { reason });
    return true;
  }

  /** Sends a reply to its client; false if it is for none, or one too many. */
  onReply({ id, bytes }: Frame): boolean {
    const session = this.#byId.get(id);
    if (session === undefined || this.#replies >= MAX_REPLIES) return false;
    this.#replies++;
    const sent = () => void this.#replies--;
    session.writer.write(bytes).then(sent, sent);
    return true;
  }

  /** Forgets every session: the guest is gone. */
  abandon(): void {
    for (const session of [...this.#sessions.values()]) session.end();
    this.#unhandled = 0;
  }

  #begin(client: ClientInfo, signal: AbortSignal): HostSession {
    const id = this.#calls.nextId();
    const end = () => {
      signal.removeEventListener("abort", onAbort);
      this.#sessions.delete(client);
      this.#byId.delete(id);
    };
    const onAbort = () => {
      end();
      this.#calls.send("session-end", { id });
    };
    const session = { id, writer: this.#writers()(client), end };
    this.#sessions.set(client, session);
    this.#byId.set(id, session);
    signal.addEventListener("abort", onAbort, { once: true });
    return session;
  }
}
