/**
 * A connection or session that is being carried: what can be seen of it from outside, and how to end it.
 *
 * @module
 */

import type { NetworkProtocol } from "../config/types.ts";
import type { BackendEntry } from "../routing/backend_entry.ts";
import type { ClientConnection, ClientInfo, Properties } from "../routing/client.ts";
import type { BackendStatus } from "../routing/routing_strategy.ts";
import type { ConnectionStatus } from "../routing/traffic.ts";
import type { Member } from "./bag.ts";
import { type Closable, closeQuietly, type Traffic } from "./relay.ts";

const NOTHING: Properties = Object.freeze({});

/** One client's connection, or one client's datagrams. */
export class LiveConnection implements Traffic, ClientConnection, ConnectionStatus, Member {
  static #lastId = 0;

  /** A number that no other connection of this process has. */
  readonly id: number = ++LiveConnection.#lastId;
  /** The transport. */
  readonly networkProtocol: NetworkProtocol;
  /** Who is calling; replaced when a trusted proxy names the real client. */
  client: ClientInfo;
  /** When it was accepted, on the clock of `performance.now()`. */
  readonly startedAt: number = performance.now();
  /** What negotiators and detectors found out, beside the socket's own properties. */
  learnt: Properties = NOTHING;
  /** The backend, once there is one. */
  entry: BackendEntry | undefined;
  /** Bytes that were read before a backend was chosen, and go to it first. */
  previewed = 0;
  /** Bytes from the client that the backend took. */
  bytesIn = 0;
  /** Bytes from the backend that the client took. */
  bytesOut = 0;
  /** Datagrams from the client, of a session. */
  messagesIn = 0;
  /** Datagrams to the client, of a session. */
  messagesOut = 0;
  /** Whether a relay carries its bytes. */
  relayed = false;
  /** Whether bytes flowed since somebody last looked. */
  active = true;
  /** Whether one side has closed and the other has not. */
  halfClosed = false;
  /** Writes that the other side has not taken yet. */
  writing = 0;
  /** Why it ended: `client closed`, `idle timeout`, …; undefined while it lives. */
  end: string | undefined;
  /** Where it is in the table of all connections. */
  position = -1;

  #carrier: Closable | undefined;

  /** A connection that was just accepted. */
  constructor(networkProtocol: NetworkProtocol, client: ClientInfo) {
    this.networkProtocol = networkProtocol;
    this.client = client;
  }

  /** The backend as others see it. */
  get backend(): BackendStatus | undefined {
    return this.entry;
  }

  /** All that is known of it: of the socket, from negotiators, from detectors. */
  get properties(): Properties {
    return { ...socketProperties(this.networkProtocol, this.client), ...this.learnt };
  }

  /** What {@linkcode LiveConnection.close} closes; replaced as the connection moves on. */
  set carrier(carrier: Closable) {
    this.#carrier = carrier;
    if (this.end !== undefined) closeQuietly(carrier);
  }

  /** Ends it now, for the reason given. Does nothing if it has ended. */
  close(reason: string): void {
    if (this.end !== undefined) return;
    this.end = reason;
    if (this.#carrier !== undefined) closeQuietly(this.#carrier);
  }
}

/** The properties that every connection has, under the names of its socket's options. */
function socketProperties(networkProtocol: NetworkProtocol, { local, remote }: ClientInfo): Properties {
  return {
    "socket.address-family": remote.address.includes(":") ? "internetworkv6" : "internetwork",
    "socket.type": networkProtocol === "tcp" ? "stream" : "dgram",
    "socket.protocol-type": networkProtocol,
    "socket.local-ip": local.address,
    "socket.local-port": String(local.port),
    "socket.remote-ip": remote.address,
    "socket.remote-port": String(remote.port),
    ...(networkProtocol === "tcp" && { "socket.no-delay": "True" }),
  };
}
