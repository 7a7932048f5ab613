/**
 * Faults between options each of which is right by itself.
 *
 * @module
 */

import type { Report } from "./errors.ts";
import { suggest } from "./nearest.ts";
import type { Config } from "./types.ts";

const MAX_PORT = 65_535;

/** The options that are compared. */
export type CrossChecked = Pick<
  Config,
  "backends" | "healthChecks" | "portBindings" | "metricsPort" | "metricsBindAddress" | "workers"
>;

/** A health check that nothing is checked with. */
export interface UselessHealthCheck {
  /** Its position among the health checks. */
  readonly position: number;
  /** Why it applies to nothing. */
  readonly message: string;
  /** Whether that can only be a mistake; a backend of a protocol may come and go. */
  readonly isFault: boolean;
}

/** Every health check that applies to nothing. */
export function uselessHealthChecks({ backends, healthChecks }: CrossChecked): UselessHealthCheck[] {
  const names = backends.map(({ name }) => name);
  return healthChecks.flatMap(({ protocol, backend }, position) => {
    const useless = (why: string, isFault: boolean) => {
      const target = [protocol ?? "", backend].filter((it) => it !== undefined).join(":");
      return { position, message: `the health check "${target}" applies to nothing: ${why}`, isFault };
    };
    if (backend === undefined) {
      if (protocol === undefined || backends.some((it) => it.protocol === protocol)) return [];
      return useless(`the protocol of no backend is ${protocol}`, false);
    }
    const named = backends.find(({ name }) => name === backend);
    if (named === undefined) {
      const hint = names.length === 0 ? "there is none" : suggest(backend, names);
      return useless(`"${backend}" is no backend; ${hint}`, true);
    }
    if (protocol === undefined || protocol === named.protocol) return [];
    return useless(`the protocol of "${backend}" is ${named.protocol}`, true);
  });
}

/** Reports if metrics would be served on a port that does not exist, or is a listener's. */
export function checkMetricsPort(
  { portBindings, metricsPort, metricsBindAddress, workers }: CrossChecked,
  report: Report,
): void {
  if (metricsPort === undefined) return;
  if (metricsPort + workers - 1 > MAX_PORT) {
    report(
      `${workers} workers serve metrics on as many ports in a row; the last would be beyond ${MAX_PORT}`,
    );
    return;
  }
  const ports = Array.from({ length: workers }, (_, worker) => metricsPort + worker);
  const taken = portBindings.find(({ networkProtocol, bindAddress, localPort, listen }) =>
    listen && networkProtocol === "tcp" && localPort !== "auto" && ports.includes(localPort) &&
    overlap(bindAddress, metricsBindAddress)
  );
  if (taken) report(`a port binding listens on tcp port ${taken.localPort} of ${taken.bindAddress} already`);
}

function overlap(one: string, other: string): boolean {
  return one === other || [one, other].some((address) => address === "0.0.0.0" || address === "::");
}
