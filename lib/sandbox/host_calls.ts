/**
 * What a host asks its guest, and the answers that it waits for.
 *
 * @module
 */

import { type Deadline, deadline } from "../net/deadlines.ts";
import { messageOf } from "../routing/message_of.ts";
import { Budget } from "./budget.ts";
import { PendingTable } from "./host_pending.ts";
import { inTermsOfSpec, oneLine } from "./host_text.ts";
import { encodeFrame, type Frame, type FrameKind, type FrameParts, WireError } from "./wire.ts";
import type { Wire } from "./wire_transport.ts";
import { readRecord, readText } from "./wire_values.ts";

/** Reads the answers that a call may get. Runs as the answer arrives, before any frame behind it is read. */
export type AnswerReaders<T> = Partial<Record<FrameKind, (frame: Frame) => T>>;

/** A guest that could not or would not do what it was asked. */
export class GuestFailure extends Error {
  override readonly name = "GuestFailure";
}

/** A call to a guest. */
export interface GuestCall<T> extends FrameParts {
  readonly id: number;
  /** What it may answer beside `failed`. */
  readonly answers: AnswerReaders<T>;
  /** Milliseconds after which the call has failed, which counts against the guest. */
  readonly timeout?: number;
  /** Gives the call up, which does not. */
  readonly signal?: AbortSignal;
}

/** What {@linkcode GuestCalls} work with. */
export interface GuestCallsOptions {
  /** Told what the guest did not do in time. */
  readonly onLate: (what: string) => void;
  /** Told when that was once too often. */
  readonly onTooLate: () => void;
}

class PendingCall {
  readonly answer: Promise<unknown>;
  next: PendingCall | undefined;
  limit: Deadline | undefined;
  resolve!: (value: unknown) => void;
  reject!: (error: Error) => void;

  constructor(readonly id: number, readonly readers: AnswerReaders<unknown>) {
    this.answer = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

/** What a guest may fail to do in time. */
const STRIKES = { burst: 10, perSecond: 1 };

/** Speaks with one guest. */
export class GuestCalls {
  readonly #wire: Pick<Wire, "send" | "queued">;
  readonly #options: GuestCallsOptions;
  readonly #pending = new PendingTable<PendingCall>();
  readonly #strikes = new Budget(STRIKES);
  #lastId = 0;
  #isSuspect = false;
  #over: string | undefined;

  /** Sends over this wire; somebody else listens. */
  constructor(wire: Pick<Wire, "send" | "queued">, options: GuestCallsOptions) {
    this.#wire = wire;
    this.#options = options;
  }

  /** Bytes that were sent and that the system has not taken yet. */
  get queued(): number {
    return this.#wire.queued;
  }

  /** Whether the guest owes an answer and has not been heard of since. Asking it again would only cost time. */
  get isSuspect(): boolean {
    return this.#isSuspect || this.#over !== undefined;
  }

  /** An id that was not used before. */
  nextId(): number {
    this.#lastId = this.#lastId % 0xffff_ffff + 1;
    return this.#lastId;
  }

  /** Sends a frame that has no answer; throws {@linkcode RangeError} if it is too long. */
  send(kind: FrameKind, parts: FrameParts): void {
    this.#wire.send(encodeFrame(kind, parts));
  }

  /** Sends a frame and awaits the answer. */
  call<T>(kind: FrameKind, call: GuestCall<T>): Promise<T> {
    const { id, answers, timeout, signal } = call;
    const answer = this.expect(id, answers);
    if (timeout !== undefined) this.#limit(id, timeout);
    try {
      this.send(kind, call);
    } catch (error) {
      this.#fail(id, error as Error);
    }
    return signal === undefined ? answer : this.until(signal, { id, answer });
  }

  /** Awaits the answer to a call, without a limit, from now on. */
  expect<T>(id: number, readers: AnswerReaders<T>): Promise<T> {
    if (this.#over !== undefined) return Promise.reject(new GuestFailure(this.#over));
    const call = new PendingCall(id, readers);
    this.#pending.add(call);
    return call.answer as Promise<T>;
  }

  /** Awaits the answer to a call for as long as somebody wants it. */
  async until<T>(signal: AbortSignal, { id, answer }: { id: number; answer: Promise<T> }): Promise<T> {
    const giveUp = () => this.cancel(id);
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp);
    try {
      return await answer;
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  /**
   * Takes a frame that answers a call; false if none is waiting for it.
   *
   * @throws {WireError} if it makes no sense; the call has failed then.
   */
  settle(frame: Frame): boolean {
    const call = this.#pending.find(frame.id);
    const reader = call?.readers[frame.kind];
    if (call === undefined || (reader === undefined && frame.kind !== "failed")) return false;
    this.#take(frame.id);
    try {
      if (reader === undefined) call.reject(new GuestFailure(reasonOf(frame)));
      else call.resolve(reader(frame));
      return true;
    } catch (error) {
      call.reject(error as Error);
      throw error instanceof WireError ? error : new WireError(messageOf(error));
    }
  }

  /** Notes that the guest was heard of. */
  heard(): void {
    this.#isSuspect = false;
  }

  /** Gives a call up, and tells the guest. */
  cancel(id: number): void {
    this.send("cancel", { id });
    this.#fail(id, new GuestFailure("nobody waits any more"));
  }

  /** Counts something that the guest did not do in time. */
  strike(what: string): void {
    this.#options.onLate(what);
    if (!this.#strikes.spend()) this.#options.onTooLate();
  }

  /** Gives all calls up, now and from now on: the guest is gone. */
  end(reason: string): void {
    this.#over = reason;
    for (const id of this.#pending.ids()) this.#fail(id, new GuestFailure(reason));
  }

  #miss(id: number, timeout: number): void {
    this.#isSuspect = true;
    this.#fail(id, new GuestFailure(`no answer within ${timeout} ms`));
    this.strike(`guest did not answer within ${timeout} ms`);
  }

  #fail(id: number, error: Error): void {
    this.#take(id)?.reject(error);
  }

  #take(id: number): PendingCall | undefined {
    const call = this.#pending.take(id);
    call?.limit?.cancel();
    return call;
  }

  /** A method of its own, so that the closure keeps nothing else. */
  #limit(id: number, timeout: number): void {
    const call = this.#pending.find(id);
    if (call !== undefined) call.limit = deadline(timeout, () => this.#miss(id, timeout));
  }
}

function reasonOf({ head }: Frame): string {
  return inTermsOfSpec(oneLine(readText(readRecord(head), "message") ?? "it did not say why"));
}
