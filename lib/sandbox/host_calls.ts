/**
 * Calls of a host to its guest that have not been answered yet.
 *
 * @module
 */

import { type Frame, type FrameKind, type FrameParts, WireError } from "./wire.ts";
import { oneLine } from "./host_text.ts";
import { readRecord, readText } from "./wire_values.ts";

/** Reads the answers that a call may get. Runs as the answer arrives, before any frame behind it is read. */
export type AnswerReaders<T> = Partial<Record<FrameKind, (frame: Frame) => T>>;

/** A guest that could not or would not do what it was asked. */
export class GuestFailure extends Error {
  override readonly name = "GuestFailure";
}

/** A call to a guest. */
export interface GuestCall<T> extends FrameParts, CallLimits {
  readonly id: number;
  /** What it may answer beside `failed`. */
  readonly answers: AnswerReaders<T>;
}

/** How long a call may take. */
export interface CallLimits {
  /** Milliseconds after which the call has failed, which counts against the guest. */
  readonly timeout?: number;
  /** Gives the call up, which does not. */
  readonly signal?: AbortSignal;
}

/** How the parts of a host speak with their guest. */
export interface GuestCaller {
  /** Bytes that were sent and that the system has not taken yet. */
  readonly queued: number;
  /** An id that was not used before. */
  nextId(): number;
  /** Sends a frame that has no answer. */
  send(kind: FrameKind, parts: FrameParts): void;
  /** Sends a frame and awaits the answer. */
  call<T>(kind: FrameKind, call: GuestCall<T>): Promise<T>;
  /** Awaits an answer without a limit, from now on. */
  expect<T>(id: number, answers: AnswerReaders<T>): Promise<T>;
  /** Awaits the answer to a call within limits. */
  within<T>(id: number, answer: Promise<T>, limits: CallLimits): Promise<T>;
  /** Gives a call up, and tells the guest. */
  cancel(id: number): void;
  /** Counts something that the guest did not do in time. */
  strike(what: string): void;
}

interface PendingCall {
  readonly readers: AnswerReaders<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The pending calls, by id. */
export class PendingCalls {
  readonly #pending = new Map<number, PendingCall>();

  /** How many there are. */
  get size(): number {
    return this.#pending.size;
  }

  /** Awaits the answer to the call of an id. */
  expect<T>(id: number, readers: AnswerReaders<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { readers, resolve: resolve as PendingCall["resolve"], reject });
    });
  }

  /**
   * Takes a frame that answers a call; false if none is waiting for it.
   *
   * @throws {WireError} if it makes no sense; the call has failed then.
   */
  settle(frame: Frame): boolean {
    const call = this.#pending.get(frame.id);
    const reader = call?.readers[frame.kind];
    if (call === undefined || (reader === undefined && frame.kind !== "failed")) return false;
    this.#pending.delete(frame.id);
    try {
      if (reader === undefined) call.reject(new GuestFailure(reasonOf(frame)));
      else call.resolve(reader(frame));
      return true;
    } catch (error) {
      call.reject(error as Error);
      throw error instanceof WireError ? error : new WireError((error as Error).message);
    }
  }

  /** Gives a call up; an answer comes too late from here on. */
  fail(id: number, error: Error): void {
    this.#pending.get(id)?.reject(error);
    this.#pending.delete(id);
  }

  /** Gives all calls up. */
  failAll(reason: string): void {
    for (const id of [...this.#pending.keys()]) this.fail(id, new GuestFailure(reason));
  }
}

/** What a guest says went wrong. */
export function reasonOf({ head }: Frame): string {
  return oneLine(readText(readRecord(head), "message") ?? "it did not say why");
}
