/**
 * The connections of a guest: those its module looks at, and those it answers by itself.
 *
 * @module
 */

import type { Connection, ConnectionBackend, Preview } from "../routing/contracts.ts";
import { CHUNK_BYTES, type Frame, type FrameParts } from "./wire.ts";
import { type SendFrame, WireStream } from "./wire_stream.ts";
import { readFlag, readRecord, readText, readWhole } from "./wire_values.ts";
import { closeQuietly } from "../net/relay.ts";
import { describeThrown } from "./guest_failure.ts";
import { readClient, readProperties } from "./guest_heads.ts";

/** What the module's own connections are read with: at first, and once a read came back full. */
const READ_BYTES = [4 * 1024, CHUNK_BYTES] as const;

interface Looked {
  bytes: Uint8Array;
  readonly controller: AbortController;
}

/** What the guest knows of client connections. */
export class GuestConnections {
  readonly #backend: ConnectionBackend;
  readonly #send: SendFrame;
  readonly #looked = new Map<number, Looked>();
  readonly #streams = new Map<number, WireStream>();

  /** Hands connections to the module's backend. */
  constructor(backend: ConnectionBackend, send: SendFrame) {
    this.#backend = backend;
    this.#send = send;
  }

  /** Keeps more first bytes of a connection. */
  preview({ id, bytes }: Frame): void {
    const looked = this.#look(id);
    const all = new Uint8Array(looked.bytes.length + bytes.length);
    all.set(looked.bytes);
    all.set(bytes, looked.bytes.length);
    looked.bytes = all;
  }

  /** Asks the module whether it wants a connection; and, if the host is in a hurry, where it goes then. */
  async judge(frame: Frame, signal: AbortSignal): Promise<void> {
    const { id, head } = frame;
    const record = readRecord(head);
    const { bytes, controller } = this.#look(id);
    const ended = readFlag(record, "ended");
    const preview: Preview = {
      client: readClient(record),
      properties: readProperties(record),
      bytes,
      ended,
    };
    let verdict: string = "mismatch";
    try {
      verdict = await this.#backend.canHandleConnection(preview, controller.signal);
    } finally {
      if (verdict !== "incomplete" || ended) this.#looked.delete(id);
    }
    this.#send("verdict", { id, head: { verdict } });
    if (verdict === "match" && readFlag(record, "early")) await this.connect(frame, signal);
  }

  /** Forgets a connection that went elsewhere. */
  forget({ id }: Frame): void {
    this.#looked.get(id)?.controller.abort();
    this.#looked.delete(id);
  }

  /** Asks the module where a connection goes. */
  async connect({ id, head }: Frame, signal: AbortSignal): Promise<void> {
    const record = readRecord(head);
    const client = { client: readClient(record), properties: readProperties(record) };
    const given = this.#backend.connect(client, signal);
    const answer = given instanceof Promise ? await given : given;
    if (answer === null) return this.#send("refusal", { id });
    if ("read" in answer) return this.#open(id, answer);
    const { head: bytes, transport, hostname, port, path } = answer;
    const dial: FrameParts = { id, head: { transport, hostname, port, path } };
    this.#send("dial", bytes === undefined ? dial : { ...dial, bytes });
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

  #look(id: number): Looked {
    let looked = this.#looked.get(id);
    if (looked === undefined) {
      looked = { bytes: new Uint8Array(0), controller: new AbortController() };
      this.#looked.set(id, looked);
    }
    return looked;
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
