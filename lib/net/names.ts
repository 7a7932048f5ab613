/**
 * Host names on the way to a connection or a socket.
 *
 * The system looks a name up in one of a few threads (32 in Deno) and cannot be interrupted: with a name server that
 * does not answer, a few clients would take them all, and with them whatever else needs one: other names, and what a
 * supervisor has to say. So only some connections are made while it is unknown whether their names can be looked up.
 *
 * @module
 */

import { lookup } from "node:dns";

/** A name, and the port that is meant: Deno permits the name for that port, or else for all. */
export interface NamedTarget {
  readonly hostname: string;
  readonly port?: number;
}

/** What names are looked up and connected to with. */
export interface NamesOptions {
  readonly connect?: (target: Required<NamedTarget>, signal: AbortSignal) => Promise<Deno.Conn>;
  readonly lookUp?: (target: NamedTarget) => Promise<readonly string[]>;
}

/** Connections that are made to names of which nothing is known. */
const UNKNOWN_AT_ONCE = 16;
/** Names that are looked up beside that; the others wait. */
const LOOKUPS_AT_ONCE = 8;

/** The host names of one process. */
export class Names {
  readonly #connect: NonNullable<NamesOptions["connect"]>;
  readonly #lookUp: NonNullable<NamesOptions["lookUp"]>;
  readonly #lookups = new Map<string, Promise<readonly string[]>>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  /** Connections under way, and those given up whose names may still be looked up. */
  #unknown = 0;

  /** Names that nobody has asked for. */
  constructor({ connect = connectTo, lookUp = systemLookup }: NamesOptions = {}) {
    this.#connect = connect;
    this.#lookUp = lookUp;
  }

  /** Connects to one of the addresses of a name, which are tried side by side. */
  async connect(target: Required<NamedTarget>, signal: AbortSignal): Promise<Deno.Conn> {
    if (this.#unknown >= UNKNOWN_AT_ONCE) await unlessAborted(this.addresses(target), signal);
    this.#unknown++;
    let isKnown: Promise<unknown> | undefined;
    try {
      return await this.#connect(target, signal);
    } catch (error) {
      if (signal.aborted) isKnown = this.addresses(target).catch(() => {});
      throw error;
    } finally {
      const over = () => this.#unknown--;
      if (isKnown === undefined) over();
      else isKnown.then(over);
    }
  }

  /** The addresses of a name; whoever asks while it is being looked up gets the same answer. */
  addresses(target: NamedTarget): Promise<readonly string[]> {
    const key = `${target.hostname}:${target.port}`;
    const underWay = this.#lookups.get(key);
    if (underWay !== undefined) return underWay;
    const addresses = this.#inTurn(target).finally(() => this.#lookups.delete(key));
    this.#lookups.set(key, addresses);
    return addresses;
  }

  async #inTurn(target: NamedTarget): Promise<readonly string[]> {
    if (this.#running < LOOKUPS_AT_ONCE) this.#running++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await this.#lookUp(target);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}

/** The names of this process: all that is in it shares the threads. */
export const names: Names = new Names();

function connectTo(target: Required<NamedTarget>, signal: AbortSignal): Promise<Deno.Conn> {
  return Deno.connect({ ...target, autoSelectFamily: true, signal });
}

function systemLookup({ hostname, port }: NamedTarget): Promise<readonly string[]> {
  const options = { all: true, port } as const;
  return new Promise((resolve, reject) =>
    lookup(
      hostname,
      options,
      (error, found) => error === null ? resolve(found.map(({ address }) => address)) : reject(error),
    )
  );
}

/** What a promise gives; rejects as soon as the signal is aborted. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: either, resolve, reject } = Promise.withResolvers<T>();
  const giveUp = () => reject(signal.reason);
  if (signal.aborted) giveUp();
  signal.addEventListener("abort", giveUp);
  promise.then(resolve, reject);
  return either.finally(() => signal.removeEventListener("abort", giveUp));
}
