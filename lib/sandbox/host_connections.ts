/**
 * Asks a guest about connections: whether it wants one, and where it goes.
 *
 * A guest that wants a connection is nearly always given it, so it is asked for both at once, and the second
 * question costs no time. Where the connection goes elsewhere after all, the guest sees a client that has
 * gone, and for a while it is asked one thing at a time.
 *
 * @module
 */

import { type Deadline, deadline } from "../net/deadlines.ts";
import type { Verdict } from "../protocol/detector.ts";
import type {
  Awaitable,
  ClientConnection,
  ClientInfo,
  Connection,
  Dial,
  Preview,
} from "../routing/client.ts";
import type { AnswerReaders, GuestCalls } from "./host_calls.ts";
import { HostStreams } from "./host_streams.ts";
import { CHUNK_BYTES, type Frame, WireError } from "./wire.ts";
import { readRecord, readText, readWhole, readWord } from "./wire_values.ts";

/** What the guest has been told of a connection that nobody has taken yet. */
interface Told {
  readonly id: number;
  bytes: number;
}

/** Where a guest may send a connection. */
export type ConnectAnswer = Dial | Connection | null;

/** An answer that nobody has asked for yet. */
interface EarlyAnswer {
  readonly id: number;
  answer: Awaitable<ConnectAnswer>;
  /** Ends the wait for the question. */
  limit: Deadline | undefined;
}

/** Connections that the guest is undecided about, at most; the oldest is then forgotten and told anew. */
const MAX_TOLD = 1024;
/** What a guest may want to be sent before a client's own bytes. */
const MAX_HEAD_BYTES = 64 * 1024;
/** How long an early answer is kept. */
const EARLY_MS = 1000;
/** How long a guest is asked one thing at a time after an early answer that nobody wanted. */
const NOT_EARLY_MS = 10_000;
const VERDICTS: readonly Verdict[] = ["match", "mismatch", "incomplete"];
const VERDICT_ANSWERS: AnswerReaders<Verdict> = { verdict: readVerdict };
const LONGEST_HOST = 300;

const encoder = new TextEncoder();

/** The connections of one guest. */
export class HostConnections {
  /** Those that it answers by itself. */
  readonly streams: HostStreams;
  readonly #calls: GuestCalls;
  /** Those of which it wants to see more. */
  readonly #told = new Map<Preview, Told>();
  #early = new WeakMap<ClientInfo, EarlyAnswer>();
  #earlyAgainAt = 0;
  readonly #answers: AnswerReaders<ConnectAnswer> = {
    dial: readDial,
    refusal: () => null,
    connection: ({ id }) => this.streams.open(id),
  };
  /** A guest that says at once where the connection goes wants it; one that only wants it says so later. */
  readonly #earlyAnswers: AnswerReaders<Verdict | EarlyAnswer> = {
    verdict: (frame) => this.#orExpected(readVerdict(frame), frame),
    dial: (frame) => early(frame, readDial(frame)),
    refusal: (frame) => early(frame, null),
    connection: (frame) => early(frame, this.streams.open(frame.id)),
  };

  /** The connections of this guest. */
  constructor(calls: GuestCalls) {
    this.#calls = calls;
    this.streams = new HostStreams(calls);
  }

  /** Asks for a verdict. The guest is told only of the bytes that it does not know yet. */
  async judge(preview: Preview, timeout: number): Promise<Verdict> {
    const told = this.#tell(preview);
    const { id } = told;
    const { client, ended } = preview;
    const isEarly = performance.now() >= this.#earlyAgainAt;
    try {
      const judged = await this.#calls.call<Verdict | EarlyAnswer>("judge", {
        id,
        head: ended || !isEarly ? { ended, patient: !isEarly } : undefined,
        bytes: about(preview),
        answers: isEarly ? this.#earlyAnswers : VERDICT_ANSWERS,
        timeout,
      });
      if (judged === "incomplete" && !ended) this.#remember(preview, told);
      else this.#told.delete(preview);
      if (typeof judged === "string") return judged;
      this.#keep(client, judged);
      return "match";
    } catch (error) {
      this.#told.delete(preview);
      this.#calls.send("forget", { id });
      throw error;
    }
  }

  /** Asks where a connection goes. */
  connect(connection: ClientConnection, signal: AbortSignal): Awaitable<ConnectAnswer> {
    const { client } = connection;
    const early = this.#early.get(client);
    if (early !== undefined) {
      early.limit?.cancel();
      this.#early.delete(client);
      const { answer } = early;
      return answer instanceof Promise ? this.#await(early.id, answer, signal) : answer;
    }
    const id = this.#calls.nextId();
    const bytes = about(connection);
    return this.#await(id, this.#calls.call("connect", { id, bytes, answers: this.#answers }), signal);
  }

  /** Breaks every connection: the guest is gone. */
  abandon(reason: string): void {
    this.streams.abandon(reason);
    this.#told.clear();
    this.#early = new WeakMap();
  }

  async #await(id: number, answer: Promise<ConnectAnswer>, signal: AbortSignal): Promise<ConnectAnswer> {
    try {
      return await this.#calls.until(signal, { id, answer });
    } catch (error) {
      if (signal.aborted) this.streams.giveUp(id);
      throw error;
    }
  }

  /** A verdict; or, if it is a match, the answer that will follow. */
  #orExpected(verdict: Verdict, frame: Frame): Verdict | EarlyAnswer {
    if (verdict !== "match") return verdict;
    const answer = this.#calls.expect(frame.id, this.#answers);
    const expected = early(frame, answer);
    answer.then((value) => expected.answer = value, () => {});
    return expected;
  }

  /** Keeps the answer to a question that has not been asked yet. */
  #keep(client: ClientInfo, early: EarlyAnswer): void {
    this.#discard(client);
    early.limit = deadline(EARLY_MS, () => this.#discard(client));
    this.#early.set(client, early);
  }

  #discard(client: ClientInfo): void {
    const early = this.#early.get(client);
    if (early === undefined) return;
    const { id, answer, limit } = early;
    limit?.cancel();
    this.#earlyAgainAt = performance.now() + NOT_EARLY_MS;
    this.#early.delete(client);
    if (answer instanceof Promise) {
      this.streams.giveUp(id);
      this.#calls.cancel(id);
    } else if (answer !== null && "read" in answer) answer.close();
  }

  #tell(preview: Preview): Told {
    const told = this.#told.get(preview) ?? { id: this.#calls.nextId(), bytes: 0 };
    const { bytes } = preview;
    for (; told.bytes < bytes.length; told.bytes = Math.min(bytes.length, told.bytes + CHUNK_BYTES)) {
      const chunk = bytes.subarray(told.bytes, told.bytes + CHUNK_BYTES);
      this.#calls.send("preview", { id: told.id, bytes: chunk });
    }
    return told;
  }

  #remember(preview: Preview, told: Told): void {
    this.#told.set(preview, told);
    if (this.#told.size > MAX_TOLD) this.#forgetOldest();
  }

  #forgetOldest(): void {
    for (const [preview, { id }] of this.#told) {
      this.#told.delete(preview);
      return this.#calls.send("forget", { id });
    }
  }
}

function early({ id }: Frame, answer: Awaitable<ConnectAnswer>): EarlyAnswer {
  return { id, answer, limit: undefined };
}

/** What there is to know of a connection, as bytes that the guest reads if its module asks. */
function about({ client, properties }: ClientConnection): Uint8Array {
  return encoder.encode(JSON.stringify({ client, properties }));
}

/** Reads a verdict. */
export function readVerdict({ head }: Frame): Verdict {
  return readWord(readRecord(head), "verdict", VERDICTS);
}

function readDial({ head, bytes }: Frame): Dial {
  const record = readRecord(head);
  if (bytes.length > MAX_HEAD_BYTES) {
    throw new WireError(`Expected at most ${MAX_HEAD_BYTES} bytes to send first`);
  }
  const first = bytes.length > 0 ? { head: bytes.slice() } : {};
  if (readText(record, "transport") === "unix") {
    return { transport: "unix", path: readText(record, "path", LONGEST_HOST) ?? "", ...first };
  }
  const hostname = readText(record, "hostname", LONGEST_HOST) ?? "";
  return { hostname, port: readWhole(record, "port", 65_535), ...first };
}
