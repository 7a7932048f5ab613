/**
 * Closes TCP connections that carry nothing for too long; what takes time before they are relayed has timeouts
 * of its own. Connections only set a flag when bytes flow; the watch looks at the flags a few times a timeout.
 *
 * @module
 */

import type { ConnectionTable } from "../net/connection_table.ts";
import type { LiveConnection } from "../net/live_connection.ts";

/** How long a connection may carry nothing, in milliseconds; 0 for ever. */
export interface IdleLimits {
  /** At any time. */
  readonly idleTimeout: number;
  /** Once one side has closed: many programs close only when the other side does, and that may be gone. */
  readonly halfCloseTimeout: number;
}

const LOOKS_PER_TIMEOUT = 8;

/** Watches all connections of a table. */
export class IdleWatch {
  readonly #connections: ConnectionTable;
  /** Since when a connection has been seen to carry nothing; only of those that have a limit. */
  readonly #idleSince = new WeakMap<LiveConnection, number>();
  #idleTimeout = Infinity;
  #halfCloseTimeout = Infinity;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** A watch that is off. */
  constructor(connections: ConnectionTable) {
    this.#connections = connections;
  }

  /** Watches from now on, by these limits. */
  set limits({ idleTimeout, halfCloseTimeout }: IdleLimits) {
    const [idle, halfClose] = [idleTimeout || Infinity, halfCloseTimeout || Infinity];
    if (idle === this.#idleTimeout && halfClose === this.#halfCloseTimeout) return;
    this.stop();
    this.#idleTimeout = idle;
    this.#halfCloseTimeout = halfClose;
    const shortest = Math.min(idle, halfClose);
    if (shortest === Infinity) return;
    this.#timer = setInterval(() => this.#look(), Math.max(1, shortest / LOOKS_PER_TIMEOUT));
  }

  /** Watches no longer. */
  stop(): void {
    clearInterval(this.#timer);
    this.#idleTimeout = this.#halfCloseTimeout = Infinity;
  }

  #look(): void {
    const now = performance.now();
    for (const connection of [...this.#connections]) {
      if (!connection.relayed) continue;
      const isHalfClose = connection.halfClosed && this.#halfCloseTimeout < this.#idleTimeout;
      const timeout = isHalfClose ? this.#halfCloseTimeout : this.#idleTimeout;
      if (timeout === Infinity) continue;
      const since = this.#idleSince.get(connection);
      // What a slow reader has not taken yet is not lost for the other side's having closed.
      const isBusy = connection.active || isHalfClose && connection.writing > 0;
      if (isBusy || since === undefined) {
        connection.active = false;
        this.#idleSince.set(connection, now);
      } else if (now - since >= timeout) {
        connection.close(isHalfClose ? "half-close timeout" : "idle timeout");
      }
    }
  }
}
