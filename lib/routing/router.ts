/**
 * Decides which backend gets a connection or a session.
 *
 * The table is copied when it changes, never changed in place: a decision that is under way notices a new
 * one by its identity, and taking it costs nothing.
 *
 * @module
 */

import type { NetworkProtocol } from "../config/types.ts";
import type { BackendEntry } from "./backend_entry.ts";
import type { Inspection } from "./inspection.ts";
import { LogLimiter } from "./log_limiter.ts";
import { type LogFields, type Logger, silentLogger } from "./logger.ts";
import { messageOf } from "./message_of.ts";
import { type PanicMode, Route, type RoutingRules } from "./route.ts";
import type { RoutingStrategy } from "./routing_strategy.ts";

/** The least time between two lines about the same fault of the same module: any client can bring them about. */
const REPEAT_MS = 5000;

/** What a router is made of. */
export interface RouterOptions {
  readonly strategy: RoutingStrategy;
  readonly panic?: PanicMode;
  readonly logger?: Logger;
  /** Told how long each backend took to judge a client. */
  readonly onProbe?: (backend: BackendEntry, milliseconds: number) => void;
}

/** The routing table and the rule that chooses from it. */
export class Router implements RoutingRules {
  /** The rule in force; may be replaced at any time. */
  strategy: RoutingStrategy;
  /** What to do when every backend that wants a connection is unhealthy. */
  panic: PanicMode;
  /** Told how long each backend took to judge a client. */
  readonly onProbe: ((backend: BackendEntry, milliseconds: number) => void) | undefined;
  readonly #logger: Logger;
  readonly #limiter = new LogLimiter();
  #tcp: readonly BackendEntry[] = [];
  #udp: readonly BackendEntry[] = [];
  /** Backends of which the log says that connections only they want find them unhealthy. */
  readonly #guesses = new WeakSet<BackendEntry>();

  /** A router without backends. */
  constructor({ strategy, panic = "route", logger = silentLogger, onProbe }: RouterOptions) {
    this.onProbe = onProbe;
    this.strategy = strategy;
    this.panic = panic;
    this.#logger = logger;
  }

  /** The backends of one transport, in routing order. */
  entries(networkProtocol: NetworkProtocol): readonly BackendEntry[] {
    return networkProtocol === "tcp" ? this.#tcp : this.#udp;
  }

  /** Replaces the whole table. */
  replace(entries: readonly BackendEntry[]): void {
    this.#tcp = entries.filter(({ networkProtocol }) => networkProtocol === "tcp");
    this.#udp = entries.filter(({ networkProtocol }) => networkProtocol === "udp");
  }

  /** Begins to decide about one connection or session. */
  route(inspection: Inspection, signal: AbortSignal): Route {
    return new Route(this, inspection, signal);
  }

  /** Logs a backend that failed while it was asked. */
  probeFailed(entry: BackendEntry, error: unknown): void {
    this.#warn("backend failed to judge a connection", { backend: entry.spec.name }, error);
  }

  /** Lets the strategy choose; what it throws or makes up gives the first candidate. */
  choose(inspection: Inspection, candidates: readonly BackendEntry[]): BackendEntry {
    const first = candidates[0]!;
    if (this.strategy.ranking === "order") return first;
    const { networkProtocol, client, properties } = inspection;
    try {
      const chosen = this.strategy.select({ networkProtocol, client, properties }, candidates);
      const candidate = candidates.find((it) => it === chosen);
      if (candidate === undefined) throw new Error("it chose none of the candidates");
      return candidate;
    } catch (error) {
      this.#warn("routing strategy failed", { strategy: this.strategy.name }, error);
      return first;
    }
  }

  /** Notes that a backend is the best there is, and whether it is unhealthy all the same; logs the change. */
  notePanic(entry: BackendEntry, panicking: boolean): void {
    if (panicking === this.#guesses.has(entry)) return;
    const backend = entry.spec.name;
    if (panicking) {
      this.#guesses.add(entry);
      const what = entry.networkProtocol === "tcp" ? "connection" : "session";
      this.#logger.warn(`all backends that want a ${what} are unhealthy`, { backend, panic: this.panic });
    } else {
      this.#guesses.delete(entry);
      this.#logger.info("a healthy backend takes connections again", { backend });
    }
  }

  #warn(message: string, whose: LogFields, error: unknown): void {
    const suppressed = this.#limiter.limited(`${message} ${Object.values(whose)}`, REPEAT_MS);
    if (suppressed === undefined) return;
    this.#logger.warn(message, { ...whose, reason: messageOf(error), ...(suppressed > 0 && { suppressed }) });
  }
}
