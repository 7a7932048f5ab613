/**
 * Decides which backend gets a connection or a session.
 *
 * The table is copied when it changes, never changed in place: a decision that is under way notices a new
 * one by its identity, and taking it costs nothing.
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
  /** Told how long each backend took to judge a client. */
  readonly onProbe?: (backend: BackendEntry, milliseconds: number) => void;
}

/** The routing table and the rule that chooses from it. */
export class Router {
  /** The rule in force; may be replaced at any time. */
  strategy: RoutingStrategy;
  /** What to do when every backend that wants a connection is unhealthy. */
  panic: PanicMode;
  /** Told how long each backend took to judge a client. */
  readonly onProbe: ((backend: BackendEntry, milliseconds: number) => void) | undefined;
  readonly #logger: Logger;
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
    this.#logger.warn("backend failed to judge a connection", {
      backend: entry.spec.name,
      reason: messageOf(error),
    });
  }

  /** Lets the strategy choose; what it throws or makes up gives the first candidate. */
  choose(inspection: Inspection, candidates: readonly BackendEntry[]): BackendEntry {
    const first = candidates[0]!;
    if (this.strategy.ranking === "order") return first;
    const { networkProtocol, client, properties } = inspection;
    try {
      const chosen = this.strategy.select({ networkProtocol, client, properties }, candidates);
      return candidates.find((candidate) => candidate === chosen) ?? first;
    } catch (error) {
      this.#logger.warn("routing strategy failed", {
        strategy: this.strategy.name,
        reason: messageOf(error),
      });
      return first;
    }
  }

  /** Notes that a backend is the best there is, and whether it is unhealthy all the same; logs the change. */
  notePanic(entry: BackendEntry, panicking: boolean): void {
    if (panicking === this.#guesses.has(entry)) return;
    const backend = entry.spec.name;
    if (panicking) {
      this.#guesses.add(entry);
      this.#logger.warn("all backends that want a connection are unhealthy", { backend, panic: this.panic });
    } else {
      this.#guesses.delete(entry);
      this.#logger.info("a healthy backend takes connections again", { backend });
    }
  }
}

/** One decision in progress. Ask {@linkcode Route.next} again after more bytes, or after `exclude`. */
export class Route {
  readonly #router: Router;
  readonly #inspection: Inspection;
  readonly #signal: AbortSignal;
  /** The table that the candidates are from. */
  #table: readonly BackendEntry[] = [];
  #candidates: readonly BackendEntry[] = [];
  #verdicts: Verdict[] = [];
  /** For which revision of the inspection each verdict holds. */
  #judgedAt: number[] = [];
  #excluded: Set<BackendEntry> | undefined;
  #panicking = false;
  /** Gives up the verdict that is waited for. */
  #giveUp: (() => void) | undefined;

  /** Takes the table as it is now. The signal says that the time for the decision is up. */
  constructor(router: Router, inspection: Inspection, signal: AbortSignal) {
    this.#router = router;
    this.#inspection = inspection;
    this.#signal = signal;
    this.#follow();
  }

  /** The chosen backend; `incomplete` if more bytes are needed; `none` if nobody wants the connection. */
  next(): Awaitable<BackendEntry | "incomplete" | "none"> {
    this.#follow();
    const { strategy } = this.#router;
    const pending = this.#judge(strategy.ranking === "order");
    if (pending !== undefined) return pending.then(() => this.next());
    const positions = eligible(this.#verdicts, this.#candidates, strategy.ranking);
    if (positions === "incomplete") return "incomplete";
    if (positions.length === 0) return this.#turnToEjected() ? this.next() : "none";
    const candidates = positions.map((position) => this.#candidates[position]!);
    this.#router.notePanic(candidates[0]!, this.#panicking);
    if (this.#panicking && this.#router.panic === "reject") return "none";
    return this.#router.choose(this.#inspection, candidates);
  }

  /** Takes a backend out of this decision, because it could not be reached. */
  exclude(entry: BackendEntry): void {
    (this.#excluded ??= new Set()).add(entry);
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
    const { onProbe } = this.#router;
    const began = onProbe === undefined ? 0 : performance.now();
    try {
      const verdict = entry.wants(this.#inspection, this.#signal);
      if (onProbe !== undefined) {
        if (typeof verdict === "string") onProbe(entry, performance.now() - began);
        else verdict.then(() => onProbe(entry, performance.now() - began), () => {});
      }
      return typeof verdict === "string" ? verdict : this.#inTime(verdict).catch(failed);
    } catch (error) {
      return failed(error);
    }
  }

  /** The verdict, or a mismatch if the signal comes first. One at a time: listening for each costs too much. */
  #inTime(verdict: Promise<Verdict>): Promise<Verdict> {
    if (this.#giveUp === undefined) this.#signal.addEventListener("abort", () => this.#giveUp!());
    return new Promise((resolve, reject) => {
      this.#giveUp = () => resolve("mismatch");
      if (this.#signal.aborted) this.#giveUp();
      verdict.then(resolve, reject);
    });
  }

  /** Turns to the unhealthy backends, once; true if there are any to ask. */
  #turnToEjected(): boolean {
    if (this.#panicking) return false;
    this.#panicking = true;
    this.#consider(({ ejected }) => ejected);
    return this.#candidates.length > 0;
  }

  /** Takes up the table if it is a new one: who has left must not be chosen, who has come may be. */
  #follow(): void {
    const table = this.#router.entries(this.#inspection.networkProtocol);
    if (table === this.#table) return;
    this.#table = table;
    this.#panicking = false;
    this.#consider(({ routable }) => routable);
  }

  /** Makes these the candidates, and keeps the verdicts of those that were candidates before. */
  #consider(include: (entry: BackendEntry) => boolean): void {
    const candidates = this.#table.filter((entry) => include(entry) && !this.#excluded?.has(entry));
    const before = this.#candidates;
    this.#candidates = candidates;
    if (before.length === 0) {
      this.#verdicts = candidates.map(() => "incomplete");
      return;
    }
    const positions = candidates.map((entry) => before.indexOf(entry));
    this.#verdicts = positions.map((position) => this.#verdicts[position] ?? "incomplete");
    this.#judgedAt = positions.map((position) => this.#judgedAt[position] ?? -1);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
