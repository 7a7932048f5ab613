/**
 * Carries bytes between a client and a backend, each direction closing on its own.
 *
 * A direction reads only after its last write was taken, so a slow reader slows its writer. `pipeTo` would
 * cost up to half of the speed and could not half-close.
 *
 * @module
 */

import type { Connection } from "../routing/client.ts";
import { type BufferPool, nextPool, pools } from "./buffers.ts";
import { writeAll } from "./write_all.ts";

/** What a relay counts. Plain fields: the data path only adds to them. */
export interface Traffic {
  /** Bytes from the client that the backend took. */
  bytesIn: number;
  /** Bytes from the backend that the client took. */
  bytesOut: number;
  /** Set by the relay at every chunk, cleared by whoever looks for idle connections. */
  active: boolean;
  /** Set by the relay when one side has said its last and the other may still speak. */
  halfClosed: boolean;
  /** Writes that the other side has not taken yet. */
  writing: number;
}

/** What the client sent before the relay began. */
export interface Head {
  /** Bytes to deliver first. */
  readonly bytes: Uint8Array;
  /** A read that was begun before and has not returned yet; what it brings comes next. */
  readonly pending?: PendingRead;
}

/** A read under way, and the buffer that it fills from the start. */
export interface PendingRead {
  readonly count: Promise<number | null>;
  readonly buffer: Uint8Array<ArrayBuffer>;
}

/** How a relay ended: who closed first, or which side broke. */
export type RelayEnd = "client closed" | "backend closed" | "client reset" | "backend reset";

/** How long a client may go on sending to a backend that no longer listens, once it has its answer. */
const LINGER_MS = 2000;

type Side = "client" | "backend";

/** The two ends of a relayed connection while it runs. */
export class Relay {
  readonly #client: Connection;
  readonly #backend: Connection;
  readonly #traffic: Traffic;
  #first: RelayEnd | undefined;
  #closed = false;
  #discarding = false;
  /** Whether the client has all that it will get. */
  #answered = false;
  #lingering: ReturnType<typeof setTimeout> | undefined;

  /** A relay between two open ends, counting into `traffic`. It owns both ends from here on. */
  constructor(client: Connection, backend: Connection, traffic: Traffic) {
    this.#client = client;
    this.#backend = backend;
    this.#traffic = traffic;
  }

  /**
   * Relays until both directions have ended, then closes both ends. Never rejects: a broken peer is an
   * outcome, not an error.
   */
  async run(head?: Head): Promise<RelayEnd> {
    const egress = this.#pump("backend");
    const ingress = head === undefined ? this.#pump("client") : this.#pump("client", head);
    head = undefined;
    await egress;
    this.#answered = true;
    this.#linger();
    await ingress;
    clearTimeout(this.#lingering);
    this.close();
    return this.#first ?? "client closed";
  }

  /** Closes both ends at once, and each of them once; {@linkcode Relay.run} returns soon after. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeQuietly(this.#client);
    closeQuietly(this.#backend);
  }

  /** Carries one direction to its end: what one side says goes to the other. */
  async #pump(side: Side, head?: Head): Promise<void> {
    const source = side === "client" ? this.#client : this.#backend;
    const target = side === "client" ? this.#backend : this.#client;
    const traffic = this.#traffic;
    if (head !== undefined && head.bytes.length > 0) {
      if (!await this.#deliver(side, head.bytes)) return;
    }
    let pending = head?.pending;
    let chunks = head === undefined || head.bytes.length === 0 ? 0 : 1;
    head = undefined;
    let pool: BufferPool = pools.small;
    let buffer = pending?.buffer ?? pool.take();
    for (;;) {
      let count: number | null;
      try {
        count = await (pending === undefined ? source.read(buffer) : pending.count);
        // A module's connection need not be what its type says.
        if (count !== null && !(count >= 0 && count <= buffer.length)) throw new RangeError(String(count));
      } catch {
        if (pending === undefined) pool.abandon();
        // Nothing more can be delivered to a broken peer, so the other side learns of it at once.
        this.#first ??= `${side} reset`;
        this.close();
        return;
      }
      if (count === null) {
        if (pending === undefined) pool.give(buffer);
        return this.#finish(side, target);
      }
      traffic.active = true;
      if (++chunks === 2) sendAtOnce(target);
      const chunk = count === buffer.length ? buffer : buffer.subarray(0, count);
      traffic.writing++;
      try {
        const written = await target.write(chunk);
        if (written !== count) await writeAll(target, chunk, written);
      } catch {
        if (pending === undefined) pool.abandon();
        traffic.writing--;
        return this.#discard(side, source);
      }
      traffic.writing--;
      if (side === "client") traffic.bytesIn += count;
      else traffic.bytesOut += count;
      const next = nextPool(pool, count);
      if (next !== pool || pending !== undefined) {
        if (pending === undefined) pool.give(buffer);
        pending = undefined;
        pool = next;
        buffer = pool.take();
      }
    }
  }

  /** Sends bytes that were read before; false when the direction ended with it. */
  async #deliver(side: Side, bytes: Uint8Array): Promise<boolean> {
    const target = side === "client" ? this.#backend : this.#client;
    try {
      await writeAll(target, bytes);
      if (side === "client") this.#traffic.bytesIn += bytes.length;
      return true;
    } catch {
      await this.#discard(side, side === "client" ? this.#client : this.#backend);
      return false;
    }
  }

  /** Passes an end of stream on. When it is the second one, closing both ends says it already. */
  async #finish(side: Side, target: Connection): Promise<void> {
    this.#first ??= `${side} closed`;
    const traffic = this.#traffic;
    if (traffic.halfClosed) return;
    traffic.halfClosed = true;
    traffic.active = true;
    try {
      await target.closeWrite();
    } catch {
      // Already gone; the other direction notices by itself.
    }
  }

  /**
   * The target no longer takes bytes, but what it sent may still be on its way to the source. Reading on
   * keeps the source's socket from being reset under that answer.
   */
  async #discard(side: Side, source: Connection): Promise<void> {
    this.#first ??= side === "client" ? "backend reset" : "client reset";
    if (side === "backend") return this.close();
    this.#discarding = true;
    this.#linger();
    const buffer = pools.medium.take();
    try {
      while (await source.read(buffer) !== null);
    } catch {
      // Closed by the linger timer, or reset.
    }
    pools.medium.give(buffer);
  }

  /** A client that has its answer may not go on for ever sending what nobody takes. */
  #linger(): void {
    if (!this.#answered || !this.#discarding) return;
    this.#lingering = setTimeout(() => closeQuietly(this.#client), LINGER_MS);
  }
}

/**
 * Turns off Nagle's algorithm, which delays no first write: most connections are over without a second one in
 * the same direction, and need not be told.
 */
export function sendAtOnce(connection: Connection): void {
  if (!("setNoDelay" in connection)) return;
  try {
    (connection as Deno.TcpConn).setNoDelay(true);
  } catch {
    // Closed meanwhile: the write will tell.
  }
}

/** What can be closed. */
export interface Closable {
  /** Closes it; may throw if it is closed already. */
  close(): void;
}

/** Closes what may be closed already. */
export function closeQuietly(closable: Closable): void {
  try {
    // A module's connection need not be what its type says, which lets it even answer a promise.
    const closing: unknown = closable.close();
    if (closing instanceof Promise) closing.catch(() => {});
  } catch {
    // Closed before.
  }
}
