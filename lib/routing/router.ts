/**
 * Decides which backend gets a connection or a session.
 *
 * The table is copied when it changes, never changed in place: a route that is being decided keeps the
 * table it began with, and taking it costs nothing.
 *
 * @module
 */

import type { NetworkProtocol } from "../config/types.ts";
import type { Verdict } from "../protocol/detector.ts";
import type { BackendEntry } from "./backend_entry.ts";
import type { Awaitable, RoutingStrategy } from "./contracts.ts";
import type { Inspection } from "./inspection.ts";
import { type Logger, silentLogger } from "./logger.ts";
import { eligible } from "./selection.ts";

/** What to do when every backend that wants a connection is unhealthy. */
export type PanicMode = "route" | "reject";

/** What a router is made of. */
export interface RouterOptions {
  readonly strategy: RoutingStrategy;
  readonly panic?: PanicMode;
  readonly logger?: Logger;
}

/** The routing table and the rule that chooses from it. */
export class Router {
  /** The rule in force; may be replaced at any time. */
  strategy: RoutingStrategy;
  /** What to do when every backend that wants a connection is unhealthy. */
  panic: PanicMode;
  readonly #logger: Logger;
  #tcp: readonly BackendEntry[] = [];
  #udp: readonly BackendEntry[] = [];
  #panicking = false;

  /** A router without backends. */
  constructor({ strategy, panic = "route", logger = silentLogger }: RouterOptions) {
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
    this.#logger.warn("backend failed to judge a connection", {
      backend: entry.spec.name,
      reason: error instanceof Error ? error.message : String(error),
    });
  }

  /** Notes whether traffic now goes to unhealthy backends for want of better ones; logs the change. */
  notePanic(panicking: boolean): void {
    if (panicking === this.#panicking) return;
    this.#panicking = panicking;
    if (panicking) {
      this.#logger.warn("all backends that want a connection are unhealthy", { panic: this.panic });
    } else {
      this.#logger.info("a healthy backend takes connections again");
    }
  }
}

/** One decision in progress. Ask {@linkcode Route.next} again after more bytes, or after `exclude`. */
export class Route {
  readonly #router: Router;
  readonly #inspection: Inspection;
  readonly #signal: AbortSignal;
  #candidates: BackendEntry[];
  #verdicts: Verdict[];
  /** For which revision of the inspection each verdict holds. */
  #judgedAt: number[];
  #panicking = false;

  /** Takes the table as it is now. */
  constructor(router: Router, inspection: Inspection, signal: AbortSignal) {
    this.#router = router;
    this.#inspection = inspection;
    this.#signal = signal;
    this.#candidates = [];
    this.#verdicts = [];
    this.#judgedAt = [];
    this.#consider(({ routable }) => routable);
  }

  /** The chosen backend; `incomplete` if more bytes are needed; `none` if nobody wants the connection. */
  next(): Awaitable<BackendEntry | "incomplete" | "none"> {
    const { strategy } = this.#router;
    const pending = this.#judge(strategy.ranking === "order");
    if (pending !== undefined) return pending.then(() => this.next());
    const positions = eligible(this.#verdicts, this.#candidates, strategy.ranking);
    if (positions === "incomplete") return "incomplete";
    if (positions.length === 0) return this.#turnToEjected() ? this.next() : "none";
    this.#router.notePanic(this.#panicking);
    if (this.#panicking && this.#router.panic === "reject") return "none";
    if (strategy.ranking === "order") return this.#candidates[positions[0]!]!;
    const candidates = positions.map((position) => this.#candidates[position]!);
    const { networkProtocol, client, properties } = this.#inspection;
    const chosen = strategy.select({ networkProtocol, client, properties }, candidates);
    return candidates.find((candidate) => candidate === chosen) ?? candidates[0]!;
  }

  /** Takes a backend out of this decision, because it could not be reached. */
  exclude(entry: BackendEntry): void {
    const position = this.#candidates.indexOf(entry);
    if (position >= 0) this.#verdicts[position] = "mismatch";
  }

  /** Asks the candidates that are undecided; a promise if one needs time. */
  #judge(stopAtFirst: boolean): Promise<void> | undefined {
    const now = this.#inspection.revision;
    for (let i = 0; i < this.#candidates.length; i++) {
      if (this.#verdicts[i] === "incomplete" && this.#judgedAt[i] !== now) {
        this.#judgedAt[i] = now;
        const verdict = this.#ask(this.#candidates[i]!);
        if (typeof verdict !== "string") return verdict.then((it) => void (this.#settle(i, it)));
        this.#settle(i, verdict);
      }
      if (stopAtFirst && this.#verdicts[i] !== "mismatch") return undefined;
    }
    return undefined;
  }

  #settle(position: number, verdict: Verdict): void {
    this.#verdicts[position] = verdict === "incomplete" && this.#inspection.ended ? "mismatch" : verdict;
  }

  #ask(entry: BackendEntry): Awaitable<Verdict> {
    const failed = (error: unknown): Verdict => {
      this.#router.probeFailed(entry, error);
      return "mismatch";
    };
    try {
      const verdict = entry.wants(this.#inspection, this.#signal);
      return typeof verdict === "string" ? verdict : verdict.catch(failed);
    } catch (error) {
      return failed(error);
    }
  }

  /** Turns to the unhealthy backends, once; true if there are any to ask. */
  #turnToEjected(): boolean {
    if (this.#panicking) return false;
    this.#panicking = true;
    const tried = this.#candidates;
    this.#consider((entry) => entry.ejected && !tried.includes(entry));
    return this.#candidates.length > 0;
  }

  #consider(include: (entry: BackendEntry) => boolean): void {
    this.#candidates = this.#router.entries(this.#inspection.networkProtocol).filter(include);
    this.#verdicts = this.#candidates.map(() => "incomplete");
    this.#judgedAt = this.#candidates.map(() => -1);
  }
}
