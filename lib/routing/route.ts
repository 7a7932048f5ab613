/**
 * One decision in progress.
 *
 * @module
 */

import type { NetworkProtocol } from "../config/types.ts";
import type { Verdict } from "../protocol/detector.ts";
import type { BackendEntry } from "./backend_entry.ts";
import type { Awaitable } from "./client.ts";
import type { Inspection } from "./inspection.ts";
import type { RoutingStrategy } from "./routing_strategy.ts";
import { eligible } from "./selection.ts";

/** What a decision leads to: a backend, a need for more bytes, or nobody who wants the client. */
export type Decision = BackendEntry | "incomplete" | "none";

/** What to do when every backend that wants a connection is unhealthy. */
export type PanicMode = "route" | "reject";

/** What a decision is made with. */
export interface RoutingRules {
  /** The rule that chooses among candidates. */
  readonly strategy: RoutingStrategy;
  /** What to do when every backend that wants a connection is unhealthy. */
  readonly panic: PanicMode;
  /** Told how long each backend took to judge a client. */
  readonly onProbe: ((backend: BackendEntry, milliseconds: number) => void) | undefined;
  /** The backends of one transport, in routing order; another array whenever they have changed. */
  entries(networkProtocol: NetworkProtocol): readonly BackendEntry[];
  /** Lets the strategy choose. */
  choose(inspection: Inspection, candidates: readonly BackendEntry[]): BackendEntry;
  /** Told of a backend that failed while it was asked. */
  probeFailed(entry: BackendEntry, error: unknown): void;
  /** Told of the best backend there is, and whether it is unhealthy all the same. */
  notePanic(entry: BackendEntry, panicking: boolean): void;
}

/** One decision in progress. Ask {@linkcode Route.next} again after more bytes, or after `exclude`. */
export class Route {
  readonly #rules: RoutingRules;
  readonly #inspection: Inspection;
  readonly #signal: AbortSignal;
  /** The table that is chosen from. */
  #table: readonly BackendEntry[] = [];
  /** What each of the table says; those that are no candidates are mismatches. */
  #verdicts: Verdict[] = [];
  /** For which revision of the inspection a backend answered `incomplete`; unset where none was asked yet. */
  #judgedAt: number[] | undefined;
  #excluded: Set<BackendEntry> | undefined;
  #panicking = false;
  #allUnhealthy = false;
  #listens = false;
  /** Ends the wait for a verdict. */
  #giveUp: ((verdict: Verdict) => void) | undefined;

  /** Takes the table as it is now. The signal says that the time for the decision is up. */
  constructor(rules: RoutingRules, inspection: Inspection, signal: AbortSignal) {
    this.#rules = rules;
    this.#inspection = inspection;
    this.#signal = signal;
  }

  /** The chosen backend; `incomplete` if more bytes are needed; `none` if nobody wants the connection. */
  next(): Awaitable<Decision> {
    this.#follow();
    const { strategy } = this.#rules;
    const pending = this.#judge(strategy.ranking === "order");
    if (pending !== undefined) return pending.then(() => this.next());
    const positions = eligible(this.#verdicts, this.#table, strategy.ranking);
    if (positions === "incomplete") return "incomplete";
    if (positions.length === 0) return this.#turnToEjected() ? this.next() : "none";
    const candidates = positions.map((position) => this.#table[position]!);
    this.#rules.notePanic(candidates[0]!, this.#panicking);
    if (this.#panicking && this.#rules.panic === "reject") {
      this.#allUnhealthy = true;
      return "none";
    }
    return this.#rules.choose(this.#inspection, candidates);
  }

  /** Why there is none. */
  get reason(): string {
    const what = this.#inspection.networkProtocol === "tcp" ? "connection" : "session";
    return this.#allUnhealthy
      ? `all backends that want the ${what} are unhealthy`
      : `no backend wants the ${what}`;
  }

  /** Takes a backend out of this decision, because it could not be reached. */
  exclude(entry: BackendEntry): void {
    (this.#excluded ??= new Set()).add(entry);
    const position = this.#table.indexOf(entry);
    if (position >= 0) this.#verdicts[position] = "mismatch";
  }

  /** Asks the candidates that are undecided; a promise if one needs time. */
  #judge(stopAtFirst: boolean): Promise<void> | undefined {
    const now = this.#inspection.revision;
    for (let i = 0; i < this.#table.length; i++) {
      if (this.#verdicts[i] === "incomplete" && this.#judgedAt?.[i] !== now) {
        const verdict = this.#ask(this.#table[i]!);
        if (typeof verdict !== "string") return verdict.then((it) => void (this.#settle(i, it)));
        this.#settle(i, verdict);
      }
      if (stopAtFirst && this.#verdicts[i] !== "mismatch") return undefined;
    }
    return undefined;
  }

  #settle(position: number, verdict: Verdict): void {
    if (verdict !== "incomplete") {
      this.#verdicts[position] = verdict;
    } else if (this.#inspection.ended) {
      this.#verdicts[position] = "mismatch";
    } else {
      (this.#judgedAt ??= [])[position] = this.#inspection.revision;
    }
  }

  #ask(entry: BackendEntry): Awaitable<Verdict> {
    const { onProbe } = this.#rules;
    const began = onProbe === undefined ? 0 : performance.now();
    try {
      const verdict = entry.wants(this.#inspection, this.#signal);
      if (typeof verdict !== "string") return this.#await(entry, verdict);
      onProbe?.(entry, performance.now() - began);
      return checked(verdict);
    } catch (error) {
      this.#rules.probeFailed(entry, error);
      return "mismatch";
    }
  }

  async #await(entry: BackendEntry, verdict: Promise<Verdict>): Promise<Verdict> {
    const { onProbe } = this.#rules;
    const began = onProbe === undefined ? 0 : performance.now();
    try {
      const given = await this.#inTime(verdict);
      onProbe?.(entry, performance.now() - began);
      return checked(given);
    } catch (error) {
      this.#rules.probeFailed(entry, error);
      return "mismatch";
    } finally {
      // What stays here is taken for alive until the next full garbage collection.
      this.#giveUp = undefined;
    }
  }

  /** The verdict, or a mismatch if the signal comes first. */
  #inTime(verdict: Promise<Verdict>): Promise<Verdict> {
    this.#listen();
    return new Promise((resolve, reject) => {
      if (this.#signal.aborted) resolve("mismatch");
      else this.#giveUp = resolve;
      verdict.then(resolve, reject);
    });
  }

  /** Listens to the signal, once: to do so for each verdict costs too much. */
  #listen(): void {
    if (this.#listens) return;
    this.#listens = true;
    this.#signal.addEventListener("abort", () => this.#giveUp?.("mismatch"));
  }

  /** Turns to the unhealthy backends, once; true if there are any to ask. */
  #turnToEjected(): boolean {
    if (this.#panicking) return false;
    this.#panicking = true;
    this.#consider(isEjected);
    return this.#verdicts.includes("incomplete");
  }

  /** Takes up the table if it is a new one: who has left must not be chosen, who has come may be. */
  #follow(): void {
    const table = this.#rules.entries(this.#inspection.networkProtocol);
    if (table === this.#table) return;
    this.#table = table;
    this.#panicking = false;
    this.#consider(isRoutable);
  }

  /** Makes these the candidates. */
  #consider(include: (entry: BackendEntry) => boolean): void {
    this.#judgedAt = undefined;
    this.#verdicts = [];
    for (const entry of this.#table) {
      const candidate = include(entry) && this.#excluded?.has(entry) !== true;
      this.#verdicts.push(candidate ? "incomplete" : "mismatch");
    }
  }
}

/** What a module answers need not be what its type says; anything else would be waited for without end. */
function checked(verdict: Verdict): Verdict {
  if (verdict === "match" || verdict === "mismatch" || verdict === "incomplete") return verdict;
  throw new TypeError(`it answered ${JSON.stringify(verdict)}, not "match", "mismatch" or "incomplete"`);
}

function isRoutable({ routable }: BackendEntry): boolean {
  return routable;
}

function isEjected({ ejected }: BackendEntry): boolean {
  return ejected;
}
