/**
 * A UDP session: the datagrams of one client to one of our sockets, which all go to one backend.
 *
 * @module
 */

import type { BackendEntry } from "../routing/backend_entry.ts";
import type { ClientInfo, ClientWriter, Properties } from "../routing/client.ts";
import type { RefusalReason } from "../routing/traffic.ts";
import { LiveConnection } from "./live_connection.ts";
import { InOrder } from "./in_order.ts";
import type { UdpSocket } from "./udp_socket.ts";

/** Datagrams that are held while the choice of a backend is open. */
const HELD_DATAGRAMS = 32;

/** What a session works with. */
export interface SessionOptions {
  /** The socket that the client writes to. */
  readonly socket: UdpSocket;
  /** Who is written to. */
  readonly from: Deno.NetAddr;
  /** What tells the session from others of that socket. */
  readonly key: string;
  /** Told of each datagram that went to the client; the session may have ended while it did. */
  readonly onAnswer: (session: Session) => void;
}

/** One client's datagrams. Also the way back to the client. */
export class Session implements ClientWriter {
  /** What can be seen of it from outside. */
  readonly connection: LiveConnection;
  /** Aborted when it ends: backends then free what they hold for this client. */
  readonly controller: AbortController = new AbortController();
  /** When a datagram last passed, on the clock of `performance.now()`. */
  lastSeen: number = performance.now();
  /** Neighbours in the order of {@linkcode Session.lastSeen}. */
  older: Session | undefined;
  /** See {@linkcode Session.older}. */
  newer: Session | undefined;
  /** The backend, once chosen. */
  entry: BackendEntry | undefined;
  /** Why it has none, should it end like that. */
  refusal: RefusalReason = "client_gone";
  /** Datagrams that wait for the decision, copied. */
  readonly held: Uint8Array[] = [];
  /** What handlers are told beside the client; fixed once the backend is chosen. */
  metadata: Properties = {};
  /** The socket that the client writes to. */
  readonly socket: UdpSocket;
  /** Its key in the table of that socket. */
  readonly key: string;

  readonly #from: Deno.NetAddr;
  readonly #onAnswer: (session: Session) => void;
  readonly #order = new InOrder();
  #heldBytes = 0;
  #waiting: (() => void) | undefined;

  /** A session that its first datagram has just begun. */
  constructor(client: ClientInfo, options: SessionOptions) {
    this.connection = new LiveConnection("udp", client);
    this.socket = options.socket;
    this.key = options.key;
    this.#from = options.from;
    this.#onAnswer = options.onAnswer;
  }

  /** Who is written to. */
  get client(): ClientInfo {
    return this.connection.client;
  }

  /**
   * Copies a datagram that waits for the decision; false if there is no room for it. The first one has to be
   * there, whatever its length.
   */
  hold(message: Uint8Array, maxBytes: number): boolean {
    const fits = this.held.length < HELD_DATAGRAMS && this.#heldBytes + message.length <= maxBytes;
    if (!fits && this.held.length > 0) return false;
    this.held.push(message.slice());
    this.#heldBytes += message.length;
    this.wake();
    return true;
  }

  /** Waits until another datagram is held, or somebody calls {@linkcode Session.wake}. */
  moreHeld(): Promise<void> {
    return new Promise((resolve) => this.#waiting = resolve);
  }

  /** Ends the wait. */
  wake(): void {
    this.#waiting?.();
    this.#waiting = undefined;
  }

  /** Sends one datagram to the client, from the address that it wrote to. */
  async write(message: Uint8Array): Promise<boolean> {
    if (this.connection.end !== undefined) return false;
    const length = message.length;
    const sent = await this.#order.run(() => this.socket.send(message, this.#from));
    if (sent) {
      this.connection.bytesOut += length;
      this.connection.messagesOut++;
      this.#onAnswer(this);
    }
    return sent;
  }
}
