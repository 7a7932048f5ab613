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

/** Reports every health check that names a backend which is not there, or one of another protocol. */
export function checkHealthCheckNames({ backends, healthChecks }: CrossChecked, report: Report): void {
  const names = backends.map(({ name }) => name);
  for (const { protocol, backend } of healthChecks) {
    if (backend === undefined) continue;
    const what = `the health check "${protocol ?? ""}:${backend}" applies to nothing`;
    const named = backends.find(({ name }) => name === backend);
    if (named === undefined) {
      const hint = names.length === 0 ? "there is none" : suggest(backend, names);
      report(`${what}: "${backend}" is no backend; ${hint}`);
    } else if (protocol !== undefined && protocol !== named.protocol) {
      report(`${what}: the protocol of "${backend}" is ${named.protocol}`);
    }
  }
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
