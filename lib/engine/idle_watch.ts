/**
 * Closes TCP connections that carry nothing for too long. Connections only set a flag when bytes flow; the
 * watch looks at the flags a few times a timeout.
 *
 * @module
 */

import type { ConnectionTable } from "../net/connection_table.ts";
import type { LiveConnection } from "../net/live_connection.ts";

const LOOKS_PER_TIMEOUT = 8;

/** Watches all connections of a table. */
export class IdleWatch {
  readonly #connections: ConnectionTable;
  readonly #idleSince = new WeakMap<LiveConnection, number>();
  #timeout = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** A watch that is off. */
  constructor(connections: ConnectionTable) {
    this.#connections = connections;
  }

  /** Milliseconds that a connection may be idle; 0 turns the watch off. */
  set timeout(milliseconds: number) {
    if (milliseconds === this.#timeout) return;
    this.#timeout = milliseconds;
    clearInterval(this.#timer);
    if (milliseconds > 0) {
      this.#timer = setInterval(() => this.#look(), Math.max(1, milliseconds / LOOKS_PER_TIMEOUT));
    }
  }

  #look(): void {
    const now = performance.now();
    for (const connection of [...this.#connections]) {
      if (connection.networkProtocol !== "tcp" || connection.entry === undefined) continue;
      const since = this.#idleSince.get(connection);
      if (connection.active || since === undefined) {
        connection.active = false;
        this.#idleSince.set(connection, now);
      } else if (now - since >= this.#timeout) {
        connection.close("idle timeout");
      }
    }
  }
}
