/**
 * The connections that a guest answers by itself, on the engine's side.
 *
 * @module
 */

import { type Deadline, deadline } from "../net/deadlines.ts";
import type { GuestCalls } from "./host_calls.ts";
import type { Frame } from "./wire.ts";
import { WireStream } from "./wire_stream.ts";
import { readRecord, readText, readWhole } from "./wire_values.ts";

/** Connections that nobody waits for any more and that the guest may still open. */
const MAX_GIVEN_UP = 1024;
/** How long a guest may take to close what was closed here, in milliseconds. */
const CLOSE_MS = 5000;
const LONGEST_REASON = 300;

/** The open streams of one guest. */
export class HostStreams {
  readonly #calls: GuestCalls;
  readonly #streams = new Map<number, WireStream>();
  /** Closed here, and not there yet. */
  readonly #closing = new Map<number, Deadline>();
  readonly #givenUp = new Set<number>();

  /** The streams of this guest. */
  constructor(calls: GuestCalls) {
    this.#calls = calls;
  }

  /** Opens the stream of an id. */
  open(id: number): WireStream {
    const stream = new WireStream({
      id,
      send: (kind, parts) => {
        this.#calls.send(kind, parts);
        if (kind === "close") this.#closing.set(id, deadline(CLOSE_MS, () => this.#expectClosed(id)));
      },
      onOver: () => {
        this.#closing.get(id)?.cancel();
        this.#closing.delete(id);
        this.#streams.delete(id);
      },
    });
    this.#streams.set(id, stream);
    return stream;
  }

  /** Takes a frame of a stream; false if the guest may not send it. */
  receive({ kind, id, head, bytes }: Frame): boolean {
    const stream = this.#streams.get(id);
    if (stream === undefined) return false;
    if (kind === "data") return stream.onData(bytes);
    if (kind === "end") return stream.onEnd();
    if (kind === "credit") return stream.onCredit(readWhole(readRecord(head), "bytes", 2 ** 31));
    const reason = head === undefined ? undefined : readText(readRecord(head), "reason", LONGEST_REASON);
    return stream.onClose(reason);
  }

  /** Notes that nobody waits for the stream of an id any more, though the guest may still open it. */
  giveUp(id: number): void {
    this.#givenUp.add(id);
    if (this.#givenUp.size <= MAX_GIVEN_UP) return;
    const [oldest] = this.#givenUp;
    this.#givenUp.delete(oldest!);
  }

  /** Closes a stream that the guest opened too late; false if it was never asked to. */
  reject({ id }: Frame): boolean {
    if (!this.#givenUp.delete(id)) return false;
    this.open(id).close("too late");
    return true;
  }

  /** Breaks every stream: the guest is gone. */
  abandon(reason: string): void {
    for (const stream of this.#streams.values()) stream.abandon(reason);
    this.#streams.clear();
    for (const limit of this.#closing.values()) limit.cancel();
    this.#closing.clear();
  }

  #expectClosed(id: number): void {
    this.#closing.delete(id);
    if (this.#streams.delete(id)) this.#calls.strike("guest did not close a connection");
  }
}
