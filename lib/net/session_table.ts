/**
 * All UDP sessions, by socket and client, in the order in which they were last used.
 *
 * @module
 */

import type { Session } from "./session.ts";
import type { UdpSocket } from "./udp_socket.ts";

/** The sessions. Every operation takes constant time. */
export class SessionTable implements Iterable<Session> {
  readonly #bySocket = new Map<UdpSocket, Map<string, Session>>();
  #oldest: Session | undefined;
  #newest: Session | undefined;
  #size = 0;

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  /** The one that has been idle for longest. */
  get oldest(): Session | undefined {
    return this.#oldest;
  }

  /** All of them, longest idle first. */
  *[Symbol.iterator](): Generator<Session> {
    let session = this.#oldest;
    while (session !== undefined) {
      const next: Session | undefined = session.newer;
      yield session;
      session = next;
    }
  }

  /** The session of a client on a socket. */
  find(socket: UdpSocket, key: string): Session | undefined {
    return this.#bySocket.get(socket)?.get(key);
  }

  /** Adds a session as the most recently used one. */
  add(session: Session): void {
    let own = this.#bySocket.get(session.socket);
    if (own === undefined) this.#bySocket.set(session.socket, own = new Map());
    own.set(session.key, session);
    this.#append(session);
    this.#size++;
  }

  /** Makes a session the most recently used one. */
  touch(session: Session, now: number): void {
    session.lastSeen = now;
    if (session === this.#newest) return;
    this.#unlink(session);
    this.#append(session);
  }

  /** Removes a session; false if it was not there. */
  remove(session: Session): boolean {
    const own = this.#bySocket.get(session.socket);
    if (own?.get(session.key) !== session) return false;
    own.delete(session.key);
    if (own.size === 0) this.#bySocket.delete(session.socket);
    this.#unlink(session);
    this.#size--;
    return true;
  }

  #append(session: Session): void {
    session.older = this.#newest;
    session.newer = undefined;
    if (this.#newest !== undefined) this.#newest.newer = session;
    else this.#oldest = session;
    this.#newest = session;
  }

  #unlink({ older, newer }: Session): void {
    if (older !== undefined) older.newer = newer;
    else this.#oldest = newer;
    if (newer !== undefined) newer.older = older;
    else this.#newest = older;
  }
}
