/**
 * Carries frames: over a Unix socket, or over the messages of a Worker.
 *
 * To wake the other side costs more than all the rest, so what is sent in one turn of the event loop goes
 * together. A turn is long only where there is much to send.
 *
 * @module
 */

import { giveBack } from "./wire.ts";

/** A way for bytes to the other side and back. */
export interface Wire {
  /** Bytes that were sent and that the system has not taken yet. */
  readonly queued: number;
  /** Sends whole frames. The bytes belong to the wire afterwards. Does nothing once it is closed. */
  send(frames: Uint8Array<ArrayBuffer>): void;
  /** The next bytes, valid until the next call; `null` once the other side is gone. Never rejects. */
  read(): Promise<Uint8Array | null>;
  /** Closes the wire. May be called again. */
  close(): void;
}

/** How much is read at once. */
const READ_BYTES = 256 * 1024;
/** Frames up to this size are sent together with those that wait behind them. */
const MERGE_BYTES = 16 * 1024;

/** A wire over a connected socket. */
export class SocketWire implements Wire {
  readonly #conn: Pick<Deno.Conn, "read" | "write" | "close">;
  readonly #buffer = new Uint8Array(READ_BYTES);
  #queue: Uint8Array<ArrayBuffer>[] = [];
  #queued = 0;
  #writing = false;
  #closed = false;

  /** Takes over the socket. */
  constructor(conn: Pick<Deno.Conn, "read" | "write" | "close">) {
    this.#conn = conn;
  }

  /** Bytes that were sent and that the system has not taken yet. */
  get queued(): number {
    return this.#queued;
  }

  /** Sends whole frames. */
  send(frames: Uint8Array<ArrayBuffer>): void {
    if (this.#closed) return;
    this.#queue.push(frames);
    this.#queued += frames.length;
    if (this.#writing) return;
    this.#writing = true;
    setImmediate(() => this.#write());
  }

  /** The next bytes. */
  async read(): Promise<Uint8Array | null> {
    try {
      const count = await this.#conn.read(this.#buffer);
      return count === null ? null : this.#buffer.subarray(0, count);
    } catch {
      return null;
    }
  }

  /** Closes the socket. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue = [];
    try {
      this.#conn.close();
    } catch {
      // Closed by the system.
    }
  }

  async #write(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        const next = takeMerged(this.#queue);
        let written = await this.#conn.write(next);
        while (written < next.length) written += await this.#conn.write(next.subarray(written));
        this.#queued -= next.length;
        giveBack(next);
      }
    } catch {
      this.close();
    }
    this.#writing = false;
  }
}

/** Takes the first frames out of a queue: one large one, or as many small ones as go together. */
function takeMerged(queue: Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const [first] = queue;
  if (queue.length === 1 || first!.length > MERGE_BYTES) return queue.shift()!;
  let count = 0;
  let total = 0;
  for (const { length } of queue) {
    if (total + length > MERGE_BYTES) break;
    count++;
    total += length;
  }
  const merged = new Uint8Array(total);
  let at = 0;
  for (const part of queue.splice(0, count)) {
    merged.set(part, at);
    at += part.length;
  }
  return merged;
}

/** What a Worker and the inside of one have in common. */
export interface MessageEnd {
  /** Sends a message. */
  postMessage(message: unknown, transfer: Transferable[]): void;
  /** Told of every message. */
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
}

/** What a wire over messages may be given. */
export interface MessageWireOptions {
  /** Called when the wire is closed from this side. */
  readonly onClose?: () => void;
  /** Called when the other side sends something else than bytes, or more than can be held. */
  readonly onAbuse?: (what: string) => void;
}

/** Received bytes that are held at most until they are read. */
const MAX_HELD_BYTES = 16 * 1024 * 1024;

/** A wire over messages that are ArrayBuffers. */
export class MessageWire implements Wire {
  /** Messages are taken at once. */
  readonly queued = 0;
  readonly #end: MessageEnd;
  readonly #options: MessageWireOptions;
  readonly #queue: Uint8Array<ArrayBuffer>[] = [];
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #closed = false;
  #wake: ((chunk: Uint8Array | null) => void) | undefined;

  /** Listens for messages from here on. */
  constructor(end: MessageEnd, options: MessageWireOptions = {}) {
    this.#end = end;
    this.#options = options;
    end.addEventListener("message", ({ data, ports }) => {
      for (const port of ports) port.close();
      this.#receive(data);
    });
  }

  /** Sends whole frames. */
  send(frames: Uint8Array<ArrayBuffer>): void {
    if (this.#closed) return;
    this.#queue.push(frames);
    if (this.#queue.length === 1) setImmediate(() => this.#post());
  }

  /** The next bytes. */
  read(): Promise<Uint8Array | null> {
    const next = this.#held.shift();
    if (next !== undefined) {
      this.#heldBytes -= next.length;
      return Promise.resolve(next);
    }
    if (this.#closed) return Promise.resolve(null);
    return new Promise((resolve) => this.#wake = resolve);
  }

  /** Ends reading and sending. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#held = [];
    this.#wake?.(null);
    this.#options.onClose?.();
  }

  #post(): void {
    while (this.#queue.length > 0 && !this.#closed) {
      const { buffer } = takeMerged(this.#queue);
      this.#end.postMessage(buffer, [buffer]);
    }
  }

  #receive(data: unknown): void {
    if (this.#closed) return;
    if (!(data instanceof ArrayBuffer)) return this.#options.onAbuse?.("a message that is no ArrayBuffer");
    const chunk = new Uint8Array(data);
    const wake = this.#wake;
    this.#wake = undefined;
    if (wake !== undefined) return wake(chunk);
    if (this.#heldBytes + chunk.length > MAX_HELD_BYTES) return this.#options.onAbuse?.("too many messages");
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
  }
}
