/**
 * The connections of a guest, on the engine's side.
 *
 * @module
 */

import type { Verdict } from "../protocol/detector.ts";
import type { ClientConnection, Connection, Dial, Preview } from "../routing/contracts.ts";
import { deadline } from "../net/deadlines.ts";
import type { GuestCaller } from "./host_calls.ts";
import { CHUNK_BYTES, type Frame, WireError } from "./wire.ts";
import { WireStream } from "./wire_stream.ts";
import { readRecord, readText, readWhole, readWord } from "./wire_values.ts";

/** What the guest has been told of a connection that nobody has taken yet. */
interface Told {
  readonly id: number;
  bytes: number;
}

/** Connections that the guest is undecided about, at most; the oldest is then forgotten and told anew. */
const MAX_TOLD = 1024;
/** What a guest may want to be sent before a client's own bytes. */
const MAX_HEAD_BYTES = CHUNK_BYTES;
/** Connections that nobody waits for any more and that the guest may still open. */
const MAX_GIVEN_UP = 1024;
/** How long a guest may take to close what was closed here, in milliseconds. */
const CLOSE_MS = 5000;
const VERDICTS: readonly Verdict[] = ["match", "mismatch", "incomplete"];
const LONGEST_HOST = 300;

/** Asks a guest about connections, and carries the bytes of those that it answers by itself. */
export class HostConnections {
  readonly #guest: GuestCaller;
  readonly #told = new Map<Preview, Told>();
  readonly #streams = new Map<number, WireStream>();
  readonly #givenUp = new Set<number>();

  /** The connections of this guest. */
  constructor(guest: GuestCaller) {
    this.#guest = guest;
  }

  /** Asks for a verdict. The guest is told only of the bytes that it does not know yet. */
  async judge(preview: Preview, timeout: number): Promise<Verdict> {
    const told = this.#tell(preview);
    const { client, properties, ended } = preview;
    let verdict: Verdict = "mismatch";
    try {
      verdict = await this.#guest.call("judge", {
        id: told.id,
        head: { client, properties, ended },
        answers: { verdict: readVerdict },
        timeout,
      });
      return verdict;
    } catch (error) {
      this.#guest.send("forget", { id: told.id });
      throw error;
    } finally {
      if (verdict !== "incomplete" || ended) this.#told.delete(preview);
    }
  }

  /** Asks where a connection goes. */
  async connect(
    { client, properties }: ClientConnection,
    signal: AbortSignal,
  ): Promise<Dial | Connection | null> {
    const id = this.#guest.nextId();
    try {
      return await this.#guest.call<Dial | Connection | null>("connect", {
        id,
        head: { client, properties },
        answers: { dial: readDial, refusal: () => null, connection: () => this.#open(id) },
        signal,
      });
    } catch (error) {
      if (signal.aborted) this.#giveUp(id);
      throw error;
    }
  }

  /** Takes a frame of a stream; false if the guest may not send it. */
  receive({ kind, id, head, bytes }: Frame): boolean {
    const stream = this.#streams.get(id);
    if (stream === undefined) return false;
    if (kind === "data") return stream.onData(bytes);
    if (kind === "end") return stream.onEnd();
    if (kind === "credit") return stream.onCredit(readWhole(readRecord(head), "bytes", 2 ** 31));
    return stream.onClose(head === undefined ? undefined : readText(readRecord(head), "reason", 300) ?? "");
  }

  /** Closes a connection that the guest opened too late; false if it was never asked to. */
  reject({ id }: Frame): boolean {
    if (!this.#givenUp.delete(id)) return false;
    this.#open(id).close("too late");
    return true;
  }

  /** Breaks every connection: the guest is gone. */
  abandon(reason: string): void {
    for (const stream of this.#streams.values()) stream.abandon(reason);
    this.#streams.clear();
    this.#told.clear();
  }

  #giveUp(id: number): void {
    this.#givenUp.add(id);
    if (this.#givenUp.size <= MAX_GIVEN_UP) return;
    const [oldest] = this.#givenUp;
    this.#givenUp.delete(oldest!);
  }

  #tell(preview: Preview): Told {
    let told = this.#told.get(preview);
    if (told === undefined) {
      told = { id: this.#guest.nextId(), bytes: 0 };
      this.#told.set(preview, told);
      if (this.#told.size > MAX_TOLD) this.#forgetOldest();
    }
    const { bytes } = preview;
    for (; told.bytes < bytes.length; told.bytes = Math.min(bytes.length, told.bytes + CHUNK_BYTES)) {
      const chunk = bytes.subarray(told.bytes, told.bytes + CHUNK_BYTES);
      this.#guest.send("preview", { id: told.id, bytes: chunk });
    }
    return told;
  }

  #forgetOldest(): void {
    const [[preview, { id }]] = this.#told as Iterable<[Preview, Told]> as [[Preview, Told]];
    this.#told.delete(preview);
    this.#guest.send("forget", { id });
  }

  #open(id: number): WireStream {
    const stream = new WireStream({
      id,
      send: (kind, parts) => {
        this.#guest.send(kind, parts);
        if (kind === "close") deadline(CLOSE_MS, () => this.#expectClosed(id));
      },
      onOver: () => this.#streams.delete(id),
    });
    this.#streams.set(id, stream);
    return stream;
  }

  #expectClosed(id: number): void {
    if (this.#streams.delete(id)) this.#guest.strike("guest did not close a connection");
  }
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
  const first = bytes.length > 0 ? { head: bytes } : {};
  if (record.transport === "unix") {
    return { transport: "unix", path: readText(record, "path", LONGEST_HOST) ?? "", ...first };
  }
  const hostname = readText(record, "hostname", LONGEST_HOST) ?? "";
  return { hostname, port: readWhole(record, "port", 65_535), ...first };
}
