/**
 * What logs and metrics say about the backends themselves.
 *
 * @module
 */

import { type Health, HEALTH_STATE_NUMBERS } from "../routing/health.ts";
import type { Logger } from "../routing/logger.ts";
import type { BackendStatus } from "../routing/routing_strategy.ts";
import type { MetricsReporter } from "./metrics.ts";
import { labelsOf } from "./traffic_metrics.ts";

/** Where backends come from: a multiplexer. */
export interface BackendSource {
  readonly backends: Iterable<BackendStatus>;
  readonly events: {
    on(
      name: "healthChanged",
      subscriber: (detail: { backend: BackendStatus; before: Health }) => void,
    ): () => void;
    on(name: "healthChecked", subscriber: (detail: CheckDetail) => void): () => void;
    on(name: "backendRemoved", subscriber: (spec: { readonly name: string }) => void): () => void;
  };
}

/** One finished check. */
export interface CheckDetail {
  readonly backend: BackendStatus;
  readonly healthy: boolean;
  readonly milliseconds: number;
}

/** What is told of the backends that there are now, and of no others. */
const GAUGES = [
  "backend.status",
  "backend.connections.active",
  "backend.health_check.consecutive_failures",
  "backend.health_check.consecutive_successes",
] as const;

/** Logs every change of health, and keeps the gauges of MET-05 and MET-07. */
export function observeHealth(
  source: BackendSource,
  { reporter, logger, isStopping = () => false }: {
    readonly reporter: MetricsReporter;
    readonly logger: Logger;
    /** True once all backends go because the program ends: what they counted is still to be told, but not that. */
    readonly isStopping?: () => boolean;
  },
): void {
  source.events.on("healthChanged", ({ backend: entry, before }) => {
    const { state, reason } = entry.health;
    if (state === before.state || isStopping()) return;
    const leaving = state === "Draining" || state === "Stopped";
    const level = state === "Unhealthy" ? "warn" : leaving ? "debug" : "info";
    logger[level]("backend health", {
      backend: entry.spec.name,
      "network-protocol": entry.networkProtocol,
      from: before.state,
      to: state,
      reason,
    });
  });
  source.events.on("healthChecked", ({ backend: entry, healthy, milliseconds }) => {
    const labels = labelsOf(entry);
    reporter.duration("backend.health_check.duration", labels).record(milliseconds);
    reporter.event("backend.health_check.total", { ...labels, result: healthy ? "success" : "failure" });
  });
  source.events.on("backendRemoved", ({ name }) => {
    const backends = [...source.backends];
    if (!isStopping() && !backends.some(({ spec }) => spec.name === name)) reporter.forget({ backend: name });
  });
  reporter.beforeRead(() => {
    for (const gauge of GAUGES) reporter.clear(gauge);
    // Of a backend and the one that it replaces, the latter comes later and only drains.
    for (const entry of [...source.backends].reverse()) {
      const labels = labelsOf(entry);
      const { state, consecutiveFailures, consecutiveSuccesses } = entry.health;
      reporter.gauge("backend.status", labels).set(HEALTH_STATE_NUMBERS[state]);
      reporter.gauge("backend.connections.active", labels).add(entry.activeConnections);
      reporter.gauge("backend.health_check.consecutive_failures", labels).set(consecutiveFailures);
      reporter.gauge("backend.health_check.consecutive_successes", labels).set(consecutiveSuccesses);
    }
  });
}
