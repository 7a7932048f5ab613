/**
 * Hands datagrams to backends, in the order in which they came.
 *
 * @module
 */

import type { MessageBackend } from "../routing/backend.ts";
import type { BackendEntry } from "../routing/backend_entry.ts";
import type { Awaitable } from "../routing/client.ts";
import { messageOf } from "../routing/message_of.ts";
import type { TrafficObserver } from "../routing/traffic.ts";
import { isLackOfDescriptors, isOwnFault } from "./own_fault.ts";
import type { Session } from "./session.ts";

/**
 * Datagrams that one backend may be taking in at once: about as many as a socket's receive buffer holds, so that
 * a burst of new clients loses none that the system kept.
 */
const DATAGRAMS_UNDER_WAY = 256;

/** Hands over the datagrams of all sessions. */
export class DatagramDelivery {
  readonly #observer: TrafficObserver;
  readonly #onLackOfDescriptors: () => void;

  /** Deliveries that the observer is told of; the other is told that there are too many sockets. */
  constructor(observer: TrafficObserver, onLackOfDescriptors: () => void) {
    this.#observer = observer;
    this.#onLackOfDescriptors = onLackOfDescriptors;
  }

  /** Hands a datagram to the backend. One that takes no more loses its own, and nobody else's. */
  deliver(session: Session, entry: BackendEntry, message: Uint8Array): Awaitable<void> {
    const { connection, metadata, controller: { signal } } = session;
    if (entry.datagramsUnderWay >= DATAGRAMS_UNDER_WAY) {
      return this.#observer.messagesDropped(1, "queue_full");
    }
    connection.bytesIn += message.length;
    connection.messagesIn++;
    try {
      const handled = (entry.backend as MessageBackend)
        .handleMessage(connection.client, metadata, message, signal);
      // What a module answers need not be what its type says.
      if (!(handled instanceof Promise)) return;
      entry.datagramsUnderWay++;
      const began = session.lastSeen;
      const over = () => {
        entry.datagramsUnderWay--;
        this.#observer.measured?.("handling", performance.now() - began, entry);
      };
      return handled.then(over, (error) => {
        over();
        this.#failed(session, entry, error);
      });
    } catch (error) {
      this.#failed(session, entry, error);
    }
  }

  /** Counts a failure against the backend, unless the session was taken away from it. */
  #failed({ connection }: Session, entry: BackendEntry, error: unknown): void {
    if (connection.end !== undefined) return;
    if (!isOwnFault(error)) entry.trafficFailed(messageOf(error));
    this.#observer.dialFailed(connection, entry, error);
    if (isLackOfDescriptors(error)) this.#onLackOfDescriptors();
  }
}
