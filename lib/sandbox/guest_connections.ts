/**
 * The connections of a guest: those its module looks at, and those it answers by itself.
 *
 * @module
 */

import type { Verdict } from "../protocol/detector.ts";
import type { ConnectionBackend } from "../routing/backend.ts";
import type { Awaitable, ClientConnection, Connection, Dial } from "../routing/client.ts";
import { CHUNK_BYTES, encodeHead, type Frame } from "./wire.ts";
import { type SendFrame, WireStream } from "./wire_stream.ts";
import { readFlag, readRecord, readText, readWhole, type WireRecord } from "./wire_values.ts";
import { closeQuietly } from "../net/relay.ts";
import { describeThrown } from "./guest_failure.ts";
import { ClientOnWire, PreviewOnWire } from "./guest_heads.ts";

/** What the module's own connections are read with: at first, and once a read came back full. */
const READ_BYTES = [4 * 1024, CHUNK_BYTES] as const;

const NO_BYTES = new Uint8Array(0);
const NO_FLAGS: WireRecord = {};

/** What the guest knows of client connections. */
export class GuestConnections {
  readonly #backend: ConnectionBackend;
  readonly #send: SendFrame;
  /** The first bytes of connections that the module has not decided about. */
  readonly #looked = new Map<number, Uint8Array>();
  readonly #streams = new Map<number, WireStream>();
  #last: { readonly dial: Dial; readonly head: Uint8Array } | undefined;

  /** Hands connections to the module's backend. */
  constructor(backend: ConnectionBackend, send: SendFrame) {
    this.#backend = backend;
    this.#send = send;
  }

  /** Keeps more first bytes of a connection. */
  preview({ id, bytes }: Frame): void {
    const before = this.#looked.get(id) ?? NO_BYTES;
    const all = new Uint8Array(before.length + bytes.length);
    all.set(before);
    all.set(bytes, before.length);
    this.#looked.set(id, all);
  }

  /** Asks the module whether it wants a connection; and, if the host is in a hurry, where it goes then. */
  async judge({ id, head, bytes }: Frame, signal: AbortSignal): Promise<void> {
    const record = head === undefined ? NO_FLAGS : readRecord(head);
    const preview = new PreviewOnWire(bytes, {
      bytes: this.#looked.get(id) ?? NO_BYTES,
      ended: readFlag(record, "ended"),
    });
    let verdict: Verdict = "mismatch";
    try {
      const judged = this.#backend.canHandleConnection(preview, signal);
      verdict = judged instanceof Promise ? await judged : judged;
    } finally {
      if (verdict !== "incomplete" || preview.ended) this.#looked.delete(id);
    }
    const early = verdict === "match" && !readFlag(record, "patient");
    const answer = early ? this.#ask(preview, signal) : undefined;
    // Where the connection goes, said at once, says that it is wanted, too.
    if (answer === undefined || answer instanceof Promise) this.#send("verdict", { id, head: { verdict } });
    if (answer !== undefined) this.#tell(id, answer instanceof Promise ? await answer : answer);
  }

  /** Forgets a connection that went elsewhere. */
  forget({ id }: Frame): void {
    this.#looked.delete(id);
  }

  /** Asks the module where a connection goes. */
  async connect({ id, bytes }: Frame, signal: AbortSignal): Promise<void> {
    this.#tell(id, await this.#ask(new ClientOnWire(bytes), signal));
  }

  /** Takes a frame of a stream. */
  stream({ kind, id, head, bytes }: Frame): void {
    const stream = this.#streams.get(id);
    if (kind === "data") stream?.onData(bytes);
    if (kind === "credit") stream?.onCredit(readWhole(readRecord(head), "bytes", 2 ** 31));
    if (kind === "end") stream?.onEnd();
    if (kind !== "close") return;
    // Nobody hears or says anything any more, whatever the module still has to say.
    stream?.onClose(head === undefined ? undefined : readText(readRecord(head), "reason"));
    stream?.close();
  }

  #ask(client: ClientConnection, signal: AbortSignal): Awaitable<Dial | Connection | null> {
    try {
      return this.#backend.connect(client, signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #tell(id: number, answer: Dial | Connection | null): void {
    if (answer === null) return this.#send("refusal", { id });
    if ("read" in answer) return this.#open(id, answer);
    this.#send("dial", { id, head: this.#target(answer), bytes: answer.head });
  }

  /** The head that names a dial's target: mostly that of last time. */
  #target({ transport, hostname, port, path }: Dial): Uint8Array {
    const last = this.#last?.dial;
    const isSame = last !== undefined && last.hostname === hostname && last.port === port &&
      last.transport === transport && last.path === path;
    if (!isSame) {
      const dial = { transport, hostname, port, path };
      this.#last = { dial, head: encodeHead(dial) };
    }
    return this.#last!.head;
  }

  #open(id: number, connection: Connection): void {
    const onOver = () => {
      this.#streams.delete(id);
      closeQuietly(connection);
    };
    const stream = new WireStream({ id, send: this.#send, onOver });
    this.#streams.set(id, stream);
    this.#send("connection", { id });
    join(stream, connection);
  }
}

/** Carries bytes both ways between the wire and a module's connection until both directions have ended. */
async function join(stream: WireStream, connection: Connection): Promise<void> {
  try {
    await Promise.all([deliver(stream, connection), collect(connection, stream)]);
    stream.close();
  } catch (error) {
    stream.close(describeThrown(error));
  }
}

/** Carries what the client says. */
async function deliver(stream: WireStream, connection: Connection): Promise<void> {
  for (let chunk = await stream.take(); chunk !== null; chunk = await stream.take()) {
    for (let rest = chunk; rest.length > 0;) {
      rest = rest.subarray(counted(await connection.write(rest), rest));
    }
  }
  await connection.closeWrite();
}

/** Carries what the module says. */
async function collect(connection: Connection, stream: WireStream): Promise<void> {
  let buffer = new Uint8Array(READ_BYTES[0]);
  for (let count = await connection.read(buffer); count !== null; count = await connection.read(buffer)) {
    let rest = buffer.subarray(0, counted(count, buffer));
    while (rest.length > 0) rest = rest.subarray(await stream.write(rest));
    if (count === READ_BYTES[0]) buffer = new Uint8Array(READ_BYTES[1]);
  }
  stream.closeWrite();
}

/** A count that a module gives, if it can be true: anything else would be repeated without end. */
function counted(count: number, { length }: Uint8Array): number {
  if (Number.isInteger(count) && count > 0 && count <= length) return count;
  throw new Error(`Cannot go on: the module says that it carried ${count} of ${length} bytes`);
}
