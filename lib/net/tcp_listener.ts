/**
 * Listens on one TCP address and hands every accepted connection on.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import type { Endpoint } from "../routing/client.ts";
import type { TrafficObserver } from "../routing/traffic.ts";
import { isLackOfDescriptors } from "./own_fault.ts";

/** What a TCP listener works with. */
export interface TcpListenerOptions {
  /** Where to listen; port 0 lets the operating system choose, `::` takes IPv4 as well. */
  readonly endpoint: Endpoint;
  /** How many connections may wait to be accepted. */
  readonly queueLength: number;
  /** Whether other processes may listen on the same port and share its connections. */
  readonly reusePort?: boolean;
  /** Takes each connection; must not throw. */
  readonly onConnection: (conn: Deno.TcpConn) => void;
  /** Told that there are too many sockets to accept another connection. */
  readonly onLackOfDescriptors?: () => void;
  readonly observer: TrafficObserver;
}

/** How long the accept loop rests when the system has no room for another connection. */
const REST_MS = 100;
/** How long a listener that is to be closed waits for one more connection. */
const QUIET_MS = 50;
/** After so many turns of the microtask queue, an accept that has not succeeded has found nothing to accept. */
const TURNS_OF_AN_ACCEPT = 4;

/** One listening TCP socket and its accept loop. */
export class TcpListener implements AsyncDisposable {
  /** Where it listens; the port is the real one. */
  readonly endpoint: Endpoint;
  readonly #listener: Deno.TcpListener;
  readonly #options: TcpListenerOptions;
  readonly #accepting: Promise<void>;
  #leaving = false;
  #closed = false;

  /** Opens the socket; throws what the operating system says. */
  constructor(options: TcpListenerOptions) {
    const { endpoint: { address, port }, queueLength, reusePort } = options;
    this.#options = options;
    this.#listener = Deno.listen({
      hostname: address,
      port,
      tcpBacklog: queueLength,
      ...(reusePort && { reusePort }),
    });
    this.endpoint = { address, port: this.#listener.addr.port };
    this.#accepting = this.#accept();
  }

  /**
   * Stops listening; connections that were accepted go on. Those that wait to be accepted are reset. Where others
   * share the port and would have taken them, it ends at a moment when none waits, which is known only right after
   * the last one was accepted.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#options.reusePort) this.#close();
    this.#leaving = true;
    const timer = setTimeout(() => this.#close(), QUIET_MS);
    await this.#accepting;
    clearTimeout(timer);
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#listener.close();
  }

  async #accept(): Promise<void> {
    const { onConnection, onLackOfDescriptors, observer } = this.#options;
    while (!this.#closed) {
      try {
        onConnection(await (this.#leaving ? this.#last() : this.#listener.accept()));
      } catch (error) {
        if (this.#closed) return;
        if (isGone(error)) continue;
        observer.acceptFailed(`${this.endpoint.address}:${this.endpoint.port}`, error);
        if (isLackOfDescriptors(error)) onLackOfDescriptors?.();
        await new Promise((resolve) => setTimeout(resolve, REST_MS));
      }
    }
  }

  /** A connection that waits already. Without one, closes the listener. */
  async #last(): Promise<Deno.TcpConn> {
    // Whoever connects between looking and closing is lost: nothing else shall be done in that time.
    await new Promise((resolve) => setImmediate(resolve));
    const next = this.#listener.accept();
    let settled = false;
    const settle = () => settled = true;
    next.then(settle, settle);
    for (let turn = 0; turn < TURNS_OF_AN_ACCEPT && !settled; turn++) await undefined;
    if (!settled) this.#close();
    return await next;
  }
}

/** Whether an accept failed because its client had broken off while it waited: the next one is no worse for that. */
function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.NotConnected || error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.ConnectionReset;
}
