/**
 * One life of a guest, from its start to its end, as its host sees it. Nothing that the guest says is
 * trusted: what it may not send is ignored, logged and counted, and a guest that sends too much of that, or
 * nothing at all, is ended.
 *
 * @module
 */

import type { ClientWriterFactory } from "../routing/client.ts";
import { messageOf } from "../routing/message_of.ts";
import { Budget } from "./budget.ts";
import { GuestCalls, GuestFailure } from "./host_calls.ts";
import { HostConnections } from "./host_connections.ts";
import type { GuestReports } from "./host_reports.ts";
import { HostSessions } from "./host_sessions.ts";
import type { GuestTransport } from "./launcher.ts";
import { type Frame, FrameDecoder, WIRE_VERSION } from "./wire.ts";
import { readRecord, readWhole } from "./wire_values.ts";

/** What a {@linkcode Guest} works with. */
export interface GuestOptions {
  /** The way back to UDP clients. */
  readonly writers: () => ClientWriterFactory;
  /** Where its reports go; shared by all lives of a guest. */
  readonly reports: GuestReports;
  /** Milliseconds without a sign of life after which it is ended. */
  readonly silence: number;
}

/** What a guest may bother its host with: log lines, numbers, and what it may not send. */
const NUISANCES = { burst: 5000, perSecond: 1000 };
/** How often a silent guest is asked for a sign of life before it is given up. */
const PINGS = 4;
/** How long a guest may take to be gone once it was ended, in milliseconds. */
const DISMISS_MS = 2000;
/** How long a process may take to end once it has closed its wire, in milliseconds. */
const LEAVE_MS = 500;

/** A guest that runs. */
export class Guest {
  /** Why it is of no more use, as soon as that is so. */
  readonly lost: Promise<string>;
  /** Resolves once nothing of it runs any more. */
  readonly ended: Promise<string>;
  /** What it is asked. */
  readonly calls: GuestCalls;
  /** Its connections. */
  readonly connections: HostConnections;
  /** Its sessions. */
  readonly sessions: HostSessions;
  readonly #transport: GuestTransport;
  readonly #options: GuestOptions;
  readonly #nuisances = new Budget(NUISANCES);
  readonly #hello = Promise.withResolvers<void>();
  readonly #lost = Promise.withResolvers<string>();
  /** Pings that wait for their answer. */
  #pings = 0;
  /** Pings since anything sensible was heard. */
  #unheard = 0;
  #pulse: ReturnType<typeof setInterval> | undefined;
  #reason: string | undefined;

  /** Listens to a guest that was just started. */
  constructor(transport: GuestTransport, options: GuestOptions) {
    const { reports } = options;
    this.#transport = transport;
    this.#options = options;
    this.calls = new GuestCalls(transport, {
      onLate: (what) => reports.limited(what),
      onTooLate: () => this.end("it failed to do too many things in time"),
    });
    this.connections = new HostConnections(this.calls);
    this.sessions = new HostSessions(this.calls, reports, options);
    this.#hello.promise.catch(() => {});
    this.lost = this.#lost.promise;
    this.#listen();
    this.ended = transport.ended.then((reason) => this.#over(reason));
  }

  /** Resolves once the guest has said that it speaks this wire; rejects if it does not. */
  get ready(): Promise<void> {
    return this.#hello.promise;
  }

  /** Expects signs of life from now on. */
  watch(): void {
    this.#pulse = setInterval(() => this.#checkPulse(), this.#options.silence / PINGS);
  }

  /** Ends it at once. */
  end(reason: string): void {
    this.#over(reason);
    this.#transport.kill();
  }

  /** Ends it and waits until it has, though not for ever; answers whether it has. */
  async dismiss(reason: string): Promise<boolean> {
    this.end(reason);
    return await endsWithin(this.ended, DISMISS_MS);
  }

  async #listen(): Promise<void> {
    const decoder = new FrameDecoder();
    try {
      for (let chunk = await this.#transport.read(); chunk !== null; chunk = await this.#transport.read()) {
        for (const frame of decoder.decode(chunk)) this.#receive(frame);
      }
      // A process that has failed says why as it ends.
      if (!await endsWithin(this.ended, LEAVE_MS)) this.end("it closed its wire");
    } catch (error) {
      this.end(messageOf(error));
    }
  }

  #receive(frame: Frame): void {
    if (this.#reason !== undefined) return;
    try {
      if (!this.#dispatch(frame)) return this.#ignore(frame, "nobody waits for it");
      this.#unheard = 0;
      this.calls.heard();
    } catch (error) {
      this.#ignore(frame, messageOf(error));
    }
  }

  /** Hands a frame to who waits for it; false if nobody does. */
  #dispatch(frame: Frame): boolean {
    switch (frame.kind) {
      case "data":
      case "credit":
      case "end":
      case "close":
        return this.connections.streams.receive(frame);
      case "connection":
        return this.calls.settle(frame) || this.connections.streams.reject(frame);
      case "created":
      case "disposed":
      case "failed":
      case "verdict":
      case "dial":
      case "refusal":
      case "health":
        return this.calls.settle(frame);
      case "handled":
        return this.sessions.onHandled(frame);
      case "reply":
        return this.sessions.onReply(frame);
      case "hello":
        return this.#greet(frame);
      case "pong":
        return this.#pings > 0 && this.#pings-- > 0;
      case "log":
      case "metrics":
        this.#spend();
        this.#options.reports[frame.kind](frame);
        return true;
      default:
        return false;
    }
  }

  #greet({ head }: Frame): boolean {
    const version = readWhole(readRecord(head), "version", 1000);
    if (version === WIRE_VERSION) this.#hello.resolve();
    else this.end(`it speaks version ${version} of the wire, and not ${WIRE_VERSION}`);
    return true;
  }

  #ignore({ kind, id }: Frame, reason: string): void {
    this.#options.reports.limited(`guest sent a "${kind}" frame that is ignored`, { id, reason });
    this.#spend();
  }

  #spend(): void {
    if (!this.#nuisances.spend()) this.end("it flooded its host with messages");
  }

  /** Counts ticks and not time: a host that slept has not listened either. */
  #checkPulse(): void {
    if (this.#unheard >= PINGS) return this.end(`it gave no sign of life for ${this.#options.silence} ms`);
    this.#unheard++;
    this.#pings++;
    this.calls.send("ping", {});
  }

  #over(reason: string): string {
    if (this.#reason !== undefined) return this.#reason;
    this.#reason = reason;
    clearInterval(this.#pulse);
    this.#lost.resolve(reason);
    this.#hello.reject(new GuestFailure(reason));
    this.calls.end(reason);
    this.connections.abandon(reason);
    this.sessions.abandon();
    return reason;
  }
}

/** Whether a guest ends within so many milliseconds. */
export async function endsWithin(ended: Promise<string>, milliseconds: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => timer = setTimeout(() => resolve(false), milliseconds));
  const isEnded = await Promise.race([ended.then(() => true), late]);
  clearTimeout(timer);
  return isEnded;
}
