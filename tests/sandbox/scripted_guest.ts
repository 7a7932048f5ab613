/**
 * A guest that says exactly what a test has it say.
 *
 * @module
 */

import type { ClientInfo, ClientWriter, Preview } from "../../lib/routing/client.ts";
import { Guest } from "../../lib/sandbox/host_guest.ts";
import { GuestReports } from "../../lib/sandbox/host_reports.ts";
import type { GuestTransport } from "../../lib/sandbox/launcher.ts";
import {
  encodeFrame,
  type Frame,
  FrameDecoder,
  type FrameKind,
  type FrameParts,
  WIRE_VERSION,
} from "../../lib/sandbox/wire.ts";
import { type RecordingLogger, recordingLogger } from "../telemetry/recording_logger.ts";

/** The guest's end of a wire in memory. */
export class ScriptedTransport implements GuestTransport {
  queued = 0;
  /** What the host has sent. */
  readonly frames: Frame[] = [];
  killed = false;
  readonly ended: Promise<string>;
  readonly #decoder = new FrameDecoder();
  readonly #end: (reason: string) => void;
  readonly #chunks: Uint8Array[] = [];
  #wake: (() => void) | undefined;
  #answer: ((frame: Frame) => void) | undefined;
  #gone = false;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.ended = promise;
    this.#end = resolve;
  }

  /** Called with everything that the host sends from now on. */
  onFrame(answer: (frame: Frame) => void): void {
    this.#answer = answer;
  }

  /** Says something to the host. */
  say(kind: FrameKind, parts: FrameParts = {}): void {
    this.sayBytes(encodeFrame(kind, parts));
  }

  /** Says anything to the host. */
  sayBytes(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#wake?.();
  }

  /** Ends as a process does. */
  exit(reason: string): void {
    this.close();
    this.#end(reason);
  }

  send(frames: Uint8Array<ArrayBuffer>): void {
    if (this.#gone) return;
    for (const frame of this.#decoder.decode(frames)) {
      this.frames.push(frame);
      this.#answer?.(frame);
    }
  }

  async read(): Promise<Uint8Array | null> {
    while (this.#chunks.length === 0) {
      if (this.#gone) return null;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#chunks.shift()!;
  }

  close(): void {
    this.#gone = true;
    this.#wake?.();
  }

  kill(): void {
    this.killed = true;
    this.exit("killed");
  }
}

/** A guest on its host's side, with all that a test looks at. */
export interface Hosted extends AsyncDisposable {
  readonly guest: Guest;
  readonly wire: ScriptedTransport;
  readonly logger: RecordingLogger;
  readonly counted: [string, number][];
  /** What was sent to clients. */
  readonly replies: Uint8Array[];
}

/** Hosts a scripted guest. */
export function host(
  { silence = 60_000, write }: { silence?: number; write?: ClientWriter["write"] } = {},
): Hosted {
  const wire = new ScriptedTransport();
  const logger = recordingLogger();
  const counted: [string, number][] = [];
  const replies: Uint8Array[] = [];
  const count = (name: string, by = 1) => void counted.push([name, by]);
  const reports = new GuestReports({ logger, metrics: { count, gauge: count } });
  const record = (message: Uint8Array) => Promise.resolve(replies.push(message) > 0);
  const writers = () => (client: ClientInfo) => ({ client, write: write ?? record });
  const guest = new Guest(wire, { reports, writers, silence });
  guest.watch();
  wire.say("hello", { head: { version: WIRE_VERSION } });
  return {
    guest,
    wire,
    logger,
    counted,
    replies,
    async [Symbol.asyncDispose]() {
      guest.end("the test is over");
      await guest.ended;
    },
  };
}

/** A client of 192.0.2.1. */
export function client(port = 1000): ClientInfo {
  return { local: { address: "192.0.2.9", port: 80 }, remote: { address: "192.0.2.1", port } };
}

/** The first bytes of a client. */
export function preview(text = "", ended = false): Preview {
  return { client: client(), properties: { a: "b" }, bytes: new TextEncoder().encode(text), ended };
}

/** Lets everything happen that is about to. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve));
}
