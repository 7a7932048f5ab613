import type { Connection } from "../../lib/routing/client.ts";
import { concat } from "../support/conversation.ts";

/** One end of a connection, played by a test. */
export class FakeStream implements Connection {
  /** How many reads were begun. */
  reads = 0;
  /** Whether this side was told that nothing more will come. */
  writeClosed = false;
  /** How often it was closed. */
  closed = 0;
  /** Decides how many bytes a write takes; all unless replaced. */
  take: (bytes: Uint8Array) => number | Promise<number> = (bytes) => bytes.length;

  readonly #incoming: (Uint8Array | null | Error)[] = [];
  readonly #written: Uint8Array[] = [];
  #wake = (): void => {};

  /** All that was written to it. */
  get written(): Uint8Array {
    return concat(this.#written);
  }

  /** Lets reads bring these bytes, in this many pieces at most as the reader's buffers ask for. */
  say(bytes: Uint8Array): void {
    this.#come(bytes);
  }

  /** Lets reads bring the end. */
  end(): void {
    this.#come(null);
  }

  /** Lets reads fail. */
  break(): void {
    this.#come(new Deno.errors.ConnectionReset("reset"));
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    this.reads++;
    while (this.#incoming.length === 0) await new Promise<void>((resolve) => this.#wake = resolve);
    const next = this.#incoming[0];
    if (next === null || next === undefined) return null;
    if (next instanceof Error) throw next;
    const count = Math.min(next.length, buffer.length);
    buffer.set(next.subarray(0, count));
    if (count < next.length) this.#incoming[0] = next.subarray(count);
    else this.#incoming.shift();
    return count;
  }

  async write(bytes: Uint8Array): Promise<number> {
    if (this.closed > 0) throw new Deno.errors.BadResource("closed");
    const count = await this.take(bytes);
    this.#written.push(bytes.slice(0, count));
    return count;
  }

  closeWrite(): void {
    this.writeClosed = true;
  }

  close(): void {
    this.closed++;
    this.#come(new Deno.errors.Interrupted("closed"));
  }

  #come(event: Uint8Array | null | Error): void {
    this.#incoming.push(event);
    this.#wake();
  }
}

/** Lets everything run that can run without waiting for time or the network. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}
