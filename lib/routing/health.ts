/**
 * How a backend's health follows from its checks and from live traffic: one pure transition function.
 *
 * | state       | check succeeded            | check failed                | routable                 |
 * | ----------- | -------------------------- | --------------------------- | ------------------------ |
 * | Unknown     | Healthy at R, else Stabilizing | Unhealthy at F, else Degraded | yes                |
 * | Healthy     | Healthy                    | Unhealthy at F, else Degraded | yes                    |
 * | Degraded    | Healthy at R, else Stabilizing | Unhealthy at F, else Degraded | yes                |
 * | Unhealthy   | Healthy at R, else Stabilizing | Unhealthy               | no                       |
 * | Stabilizing | Healthy at R, else Stabilizing | Unhealthy at F or if ejected, else Degraded | unless ejected |
 * | Draining    | Draining                   | Draining                    | no                       |
 * | Stopped     | Stopped                    | Stopped                     | no                       |
 *
 * "At F" means with the F-th consecutive failure (`failure-threshold`), "at R" with the R-th consecutive
 * success (`recovery-threshold`); both hold for the first checks too. A backend that became Unhealthy is
 * *ejected*: it stays out of rotation, whatever its state is called, until R consecutive successes. Results
 * that alternate never reach a threshold, so they move a backend neither out of rotation nor back into it.
 *
 * Failures of live traffic eject as well (→ Unhealthy). That ejection ends with R successful checks or with
 * its cooldown, unless checks have failed F times meanwhile. Removing the checks makes the health Unknown.
 * Draining only ends in Stopped, which is final.
 *
 * @module
 */

import type { HealthCheckSpec } from "../config/types.ts";

/**
 * The names of the states.
 *
 * @example
 * ```ts
 * import { HEALTH_STATE_NUMBERS, type HealthState } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const state: HealthState = "Degraded";
 * assertEquals(state in HEALTH_STATE_NUMBERS, true);
 * ```
 */
export type HealthState =
  | "Unknown"
  | "Healthy"
  | "Unhealthy"
  | "Degraded"
  | "Stabilizing"
  | "Draining"
  | "Stopped";

/**
 * The numbers of the states, as the gauge `backend.status` reports them.
 *
 * @example
 * ```ts
 * import { HEALTH_STATE_NUMBERS } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(HEALTH_STATE_NUMBERS.Healthy, 1);
 * ```
 */
export const HEALTH_STATE_NUMBERS: Readonly<Record<HealthState, number>> = {
  Unknown: 0,
  Healthy: 1,
  Unhealthy: 2,
  Degraded: 3,
  Stabilizing: 4,
  Draining: 5,
  Stopped: 6,
};

/**
 * What is known of a backend's health. A value: transitions make new ones.
 *
 * @example
 * ```ts
 * import { type Health, Multiplexer, parseBackendSpec } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * await using multiplexer = new Multiplexer({ backends: [parseBackendSpec("nobody:noop:")] });
 * await multiplexer.start();
 * const inRotation = ({ ejectedBy }: Health) => ejectedBy === undefined;
 * assertEquals(multiplexer.backends.every(({ health }) => inRotation(health)), true);
 * ```
 */
export interface Health {
  /** How the rest of what is known is summed up. */
  readonly state: HealthState;
  /** Why it is not well, in a few words; undefined after a success. */
  readonly reason?: string;
  /** When the last check ended, in milliseconds since the epoch; undefined before the first. */
  readonly lastCheck?: number;
  /** Checks failed since the last that succeeded. */
  readonly consecutiveFailures: number;
  /** Checks succeeded since the last failure, of a check or of the traffic that ejected the backend. */
  readonly consecutiveSuccesses: number;
  /** What took the backend out of rotation, until it has recovered. */
  readonly ejectedBy?: "checks" | "traffic";
}

/** What can happen to a backend's health. Times are milliseconds since the epoch. */
export type HealthEvent =
  | { readonly type: "check-succeeded"; readonly at: number }
  | { readonly type: "check-failed"; readonly at: number; readonly reason: string }
  /** No check applies any more. */
  | { readonly type: "checks-removed" }
  /** Live traffic failed too often. */
  | { readonly type: "ejected"; readonly reason: string }
  /** The time for which live traffic had ejected the backend is over. */
  | { readonly type: "cooldown-over" }
  | { readonly type: "drain" }
  | { readonly type: "stop" };

/** How many results in a row change the state. Both are at least 1. */
export type HealthThresholds = Pick<HealthCheckSpec, "failureThreshold" | "recoveryThreshold">;

/** The thresholds of a health check that names none. */
export const DEFAULT_HEALTH_THRESHOLDS: HealthThresholds = { failureThreshold: 3, recoveryThreshold: 5 };

/** The health of a backend of which nothing is known. */
export const UNKNOWN_HEALTH: Health = { state: "Unknown", consecutiveFailures: 0, consecutiveSuccesses: 0 };

/**
 * The health after an event. Answers the same value where the event changes nothing.
 *
 * @example
 * ```ts
 * import { nextHealth, UNKNOWN_HEALTH } from "./health.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const thresholds = { failureThreshold: 1, recoveryThreshold: 2 };
 * const down = nextHealth(UNKNOWN_HEALTH, { type: "check-failed", at: 0, reason: "refused" }, thresholds);
 * assertEquals(down.state, "Unhealthy");
 * const rising = nextHealth(down, { type: "check-succeeded", at: 1000 }, thresholds);
 * assertEquals(rising.state, "Stabilizing");
 * assertEquals(nextHealth(rising, { type: "check-succeeded", at: 2000 }, thresholds).state, "Healthy");
 * ```
 */
export function nextHealth(
  health: Health,
  event: HealthEvent,
  thresholds: HealthThresholds = DEFAULT_HEALTH_THRESHOLDS,
): Health {
  if (health.state === "Stopped") return health;
  if (event.type === "stop") return { ...health, state: "Stopped" };
  if (health.state === "Draining") return health;
  switch (event.type) {
    case "check-succeeded":
      return afterSuccess(health, event.at, thresholds);
    case "check-failed":
      return afterFailure(health, event, thresholds);
    case "checks-removed":
      return UNKNOWN_HEALTH;
    case "ejected":
      return afterEjection(health, event.reason);
    case "cooldown-over":
      return health.ejectedBy === "traffic" ? backOnTrial(health) : health;
    case "drain":
      return { ...health, state: "Draining" };
  }
}

/** Whether new connections and sessions may go to a backend of this health. */
export function isRoutable(health: Health): boolean {
  return health.ejectedBy === undefined && health.state !== "Draining" && health.state !== "Stopped";
}

function afterSuccess(health: Health, at: number, thresholds: HealthThresholds): Health {
  const consecutiveSuccesses = health.consecutiveSuccesses + 1;
  const counts = { lastCheck: at, consecutiveFailures: 0, consecutiveSuccesses };
  if (health.state === "Healthy" || consecutiveSuccesses >= thresholds.recoveryThreshold) {
    return { state: "Healthy", ...counts };
  }
  return { state: "Stabilizing", ...counts, ejectedBy: health.ejectedBy };
}

function afterFailure(
  health: Health,
  { at, reason }: { at: number; reason: string },
  thresholds: HealthThresholds,
): Health {
  const consecutiveFailures = health.consecutiveFailures + 1;
  const ejectedBy = consecutiveFailures >= thresholds.failureThreshold ? "checks" : health.ejectedBy;
  return {
    state: ejectedBy === undefined ? "Degraded" : "Unhealthy",
    reason,
    lastCheck: at,
    consecutiveFailures,
    consecutiveSuccesses: 0,
    ejectedBy,
  };
}

function afterEjection(health: Health, reason: string): Health {
  return {
    ...health,
    state: "Unhealthy",
    reason,
    consecutiveSuccesses: 0,
    ejectedBy: health.ejectedBy ?? "traffic",
  };
}

/** In rotation again with what the checks since the ejection say, which may be nothing. */
function backOnTrial(health: Health): Health {
  const { consecutiveFailures, consecutiveSuccesses } = health;
  const state = consecutiveFailures > 0 ? "Degraded" : consecutiveSuccesses > 0 ? "Stabilizing" : "Unknown";
  return {
    ...health,
    state,
    reason: consecutiveFailures > 0 ? health.reason : undefined,
    ejectedBy: undefined,
  };
}

/** What decides which health check applies to a backend. */
export type HealthCheckTarget = Pick<HealthCheckSpec, "protocol" | "backend">;

/**
 * The health check that applies to a backend, the most specific first: name and protocol, name alone,
 * protocol alone, everything. Of several equally specific ones, the first in configuration order.
 *
 * @example
 * ```ts
 * import { selectHealthCheck } from "./health.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const specs = [{ protocol: "pass" }, { protocol: "pass", backend: "web" }];
 * assertEquals(selectHealthCheck(specs, { name: "web", protocol: "pass" }), specs[1]);
 * assertEquals(selectHealthCheck(specs, { name: "ssh", protocol: "pass" }), specs[0]);
 * assertEquals(selectHealthCheck(specs, { name: "off", protocol: "noop" }), undefined);
 * ```
 */
export function selectHealthCheck<T extends HealthCheckTarget>(
  specs: readonly T[],
  backend: { readonly name: string; readonly protocol: string },
): T | undefined {
  let best: T | undefined;
  for (const spec of specs) {
    if (spec.backend !== undefined && spec.backend !== backend.name) continue;
    if (spec.protocol !== undefined && spec.protocol !== backend.protocol) continue;
    if (best === undefined || specificity(spec) > specificity(best)) best = spec;
  }
  return best;
}

function specificity(spec: HealthCheckTarget): number {
  return (spec.backend === undefined ? 0 : 2) + (spec.protocol === undefined ? 0 : 1);
}
