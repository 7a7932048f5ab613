/**
 * A backend in the routing table: one half (TCP or UDP) of a spec, with its matchers, its health and its
 * counts.
 *
 * @module
 */

import type { BackendSpec, NetworkProtocol } from "../config/types.ts";
import type { Verdict } from "../protocol/detector.ts";
import type { Backend, ConnectionBackend, MessageBackend, PriorityTier } from "./backend.ts";
import type { Awaitable, Properties } from "./client.ts";
import {
  type Health,
  type HealthEvent,
  type HealthThresholds,
  isRoutable,
  nextHealth,
  UNKNOWN_HEALTH,
} from "./health.ts";
import type { Inspection } from "./inspection.ts";
import { allMatch, compileMatchers, type Matcher } from "./matchers.ts";
import { PassiveHealth, passiveHealthSpec } from "./passive_health.ts";
import type { BackendStatus } from "./routing_strategy.ts";

/** Told of every change of health. */
export type HealthListener = (entry: BackendEntry, before: Health) => void;

/** What an entry is made of. */
export interface BackendEntryOptions {
  readonly backend: Backend;
  readonly networkProtocol: NetworkProtocol;
  /** Matchers beside those of the spec: those of the backend's protocol. */
  readonly matchers?: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** One half of a backend, as the router and the monitor handle it. */
export class BackendEntry implements BackendStatus {
  /** The backend itself. */
  readonly backend: Backend;
  /** The transport of this half. */
  readonly networkProtocol: NetworkProtocol;
  /** The compiled matchers, in the order of the parameters. */
  readonly matchers: readonly Matcher[];
  /** Connections or sessions it carries now. */
  activeConnections = 0;
  /** Connections or sessions ever routed to it. */
  routed = 0;
  /** Datagrams that it is taking in now. */
  datagramsUnderWay = 0;
  /** Told of every change of health. */
  onHealth: HealthListener | undefined;

  readonly #passive: PassiveHealth;
  readonly #now: () => number;
  #health: Health = UNKNOWN_HEALTH;

  /** Compiles the matchers; throws {@linkcode SyntaxError} or {@linkcode RangeError} when one is wrong. */
  constructor({ backend, networkProtocol, matchers = {}, now = Date.now }: BackendEntryOptions) {
    this.backend = backend;
    this.networkProtocol = networkProtocol;
    this.matchers = [...compileMatchers(backend.info.spec.parameters), ...compileMatchers(matchers)];
    this.#passive = new PassiveHealth(passiveHealthSpec(backend.info.spec.parameters));
    this.#now = now;
  }

  /** The spec. */
  get spec(): BackendSpec {
    return this.backend.info.spec;
  }

  /** What the backend adds for display. */
  get properties(): Properties {
    return this.backend.info.properties;
  }

  /** The priority tier. */
  get priorityTier(): PriorityTier {
    return this.backend.info.priorityTier;
  }

  /** Health as of now. */
  get health(): Health {
    if (this.#passive.ejectedUntil !== undefined && this.#passive.cooledDown(this.#now())) {
      this.transition({ type: "cooldown-over" });
    }
    return this.#health;
  }

  /** Whether it takes new connections and sessions. */
  get routable(): boolean {
    return isRoutable(this.health);
  }

  /** Whether it could be tried when nothing better is there: unwell, but neither draining nor stopped. */
  get ejected(): boolean {
    return this.health.ejectedBy !== undefined && this.#health.state !== "Draining" &&
      this.#health.state !== "Stopped";
  }

  /** Applies an event to the health. */
  transition(event: HealthEvent, thresholds?: HealthThresholds): void {
    const before = this.#health;
    this.#health = nextHealth(before, event, thresholds);
    if (this.#health === before) return;
    if (
      this.#health.ejectedBy === undefined && before.ejectedBy !== undefined && event.type !== "cooldown-over"
    ) {
      this.#passive.reset();
    }
    this.onHealth?.(this, before);
  }

  /** Records that live traffic failed: a dial that was refused, a reset before the first answer. */
  trafficFailed(reason: string, cause?: string): void {
    if (this.#passive.failed(this.#now(), cause)) this.transition({ type: "ejected", reason });
  }

  /** Records that live traffic got an answer. */
  trafficSucceeded(): void {
    this.#passive.succeeded();
  }

  /** Whether the backend wants what the inspection shows: its matchers first, then its own opinion. */
  wants(inspection: Inspection, signal: AbortSignal): Awaitable<Verdict> {
    const verdict = allMatch(this.matchers, inspection);
    if (verdict !== "match") return verdict;
    if (this.networkProtocol === "tcp") {
      return (this.backend as ConnectionBackend).canHandleConnection(inspection, signal);
    }
    const { client, properties, bytes } = inspection;
    return (this.backend as MessageBackend).canHandleMessage(client, properties, bytes, signal);
  }
}
