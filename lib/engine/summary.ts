/**
 * What an operator wants to see on one screen when pmmux has started.
 *
 * @module
 */

import { hostAndPort } from "../config/address.ts";
import { maskValue } from "../config/secrets.ts";
import type { Config } from "../config/types.ts";
import { isMatcher } from "../routing/matchers.ts";
import type { BackendStatus } from "../routing/routing_strategy.ts";
import type { ListenerInfo } from "./events.ts";

/** What has started. */
export interface Started {
  readonly config: Config;
  readonly listeners: readonly ListenerInfo[];
  readonly backends: readonly BackendStatus[];
  readonly metricsPort?: number;
  /** What extensions add, a line each. */
  readonly extensions?: readonly string[];
}

/** The lines of the summary. */
export function summary({ config, listeners, backends, metricsPort, extensions = [] }: Started): string[] {
  const transports = new Map<BackendStatus["spec"], string[]>();
  for (const { spec, networkProtocol } of backends) {
    transports.set(spec, [...transports.get(spec) ?? [], networkProtocol]);
  }
  const seen = new Map(backends.map((backend) => [backend.spec, backend]));
  return [
    `listening   ${listeners.map(describeListener).join("  ") || "nowhere: no port binding is given"}`,
    ...extensions,
    `strategy    ${config.routingStrategy}`,
    ...[...seen.values()].map((backend) =>
      `backend     ${describeBackend(backend)} [${transports.get(backend.spec)!.join(", ")}]`
    ),
    ...(backends.length === 0 ? ["backend     none: every connection will be closed"] : []),
    ...(metricsPort === undefined
      ? []
      : [`metrics     http://${hostAndPort(config.metricsBindAddress, metricsPort)}/metrics`]),
  ];
}

function describeListener({ networkProtocol, address, port }: ListenerInfo): string {
  return `${networkProtocol}://${hostAndPort(address, port)}`;
}

function describeBackend({ spec, properties, priorityTier }: BackendStatus): string {
  const pair = ([key, value]: [string, string]) => `${key}=${maskValue(key, value)}`;
  const where = Object.entries(properties).map(pair).join(",");
  const when = Object.entries(spec.parameters).filter(([key]) => isMatcher(key)).map(pair).join(" and ");
  const tier = priorityTier === "normal" ? "" : ` (${priorityTier})`;
  return `${spec.name} → ${spec.protocol}${where && ` ${where}`}${tier}${when && ` when ${when}`}`;
}
