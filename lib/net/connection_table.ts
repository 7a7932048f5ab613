/**
 * The connections and sessions that are being carried, and the limits on their number.
 *
 * @module
 */

import type { RefusalReason } from "../routing/traffic.ts";
import { Bag } from "./bag.ts";
import type { LiveConnection } from "./live_connection.ts";

/** How many connections there may be. */
export interface ConnectionLimits {
  /** In total. */
  readonly maxConnections: number;
  /** From one client address. */
  readonly maxConnectionsPerClient: number;
}

/** How long connections that are being closed may take; only a backend that hangs needs more than a moment. */
const CLOSING_MS = 1000;

/** All live connections and sessions. Only connections are limited here. */
export class ConnectionTable implements Iterable<LiveConnection> {
  readonly #live = new Bag<LiveConnection>();
  readonly #perClient = new Map<string, number>();
  #connections = 0;
  #waiters: (() => void)[] = [];

  /** How many there are. */
  get size(): number {
    return this.#live.size;
  }

  /** All of them. */
  [Symbol.iterator](): ArrayIterator<LiveConnection> {
    return this.#live[Symbol.iterator]();
  }

  /**
   * Why another connection of this client would be too many; undefined if there is room. With `total` only the
   * number of all is looked at.
   */
  refusal(
    address: string,
    limits: ConnectionLimits,
    { total = false }: { readonly total?: boolean } = {},
  ): RefusalReason | undefined {
    if (this.#connections >= limits.maxConnections) return "too_many_connections";
    if (total || this.countOf(address) < limits.maxConnectionsPerClient) return undefined;
    return "too_many_connections_from_client";
  }

  /** How many connections a client address has. */
  countOf(address: string): number {
    return this.#perClient.get(address) ?? 0;
  }

  /** Adds a connection or session; a connection counts for its client's address. */
  add(connection: LiveConnection): void {
    this.#live.add(connection);
    if (connection.networkProtocol === "udp") return;
    this.#connections++;
    this.#count(connection.client.remote.address, 1);
  }

  /** Counts a connection for another address: its real client has become known. */
  rename(connection: LiveConnection, client: LiveConnection["client"]): void {
    this.#count(connection.client.remote.address, -1);
    connection.client = client;
    this.#count(client.remote.address, 1);
  }

  /** Removes a connection that has ended. */
  remove(connection: LiveConnection): void {
    if (!this.#live.remove(connection)) return;
    if (connection.networkProtocol === "tcp") {
      this.#connections--;
      this.#count(connection.client.remote.address, -1);
    }
    if (this.#waiters.length > 0) this.#wake();
  }

  /**
   * Waits until none of the connections that `among` picks is left, or the time is up; true if none is.
   */
  async drained(among: (connection: LiveConnection) => boolean, milliseconds: number): Promise<boolean> {
    const deadline = performance.now() + milliseconds;
    for (;;) {
      if (!this[Symbol.iterator]().some(among)) return true;
      const left = deadline - performance.now();
      if (left <= 0) return false;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#waiters.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** Closes the connections that `among` picks, and waits until they are gone. */
  async close(among: (connection: LiveConnection) => boolean, reason: string): Promise<void> {
    for (const connection of [...this.#live]) {
      if (among(connection)) connection.close(reason);
    }
    await this.drained(among, CLOSING_MS);
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }

  #count(address: string, change: 1 | -1): void {
    const count = this.countOf(address) + change;
    if (count > 0) this.#perClient.set(address, count);
    else this.#perClient.delete(address);
  }
}
