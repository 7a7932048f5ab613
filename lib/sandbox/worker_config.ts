/**
 * Which part of a configuration each of several engines carries.
 *
 * @module
 */

import { isDeepStrictEqual as isEqual } from "node:util";
import type { BindingSpec, Config } from "../config/types.ts";

/**
 * The configuration of one worker, counted from 0. All listen for connections; datagrams go to the first, for the
 * system cannot tell sessions apart. Connections are limited in total, and each worker serves its own metrics.
 */
export function workerConfig(config: Config, worker: number): Config {
  const { workers, maxConnections, metricsPort, portBindings } = config;
  if (workers === 1) return config;
  return {
    ...config,
    maxConnections: Math.ceil(maxConnections / workers),
    ...(metricsPort !== undefined && { metricsPort: metricsPort + worker }),
    ...(worker > 0 &&
      { portBindings: portBindings.filter(({ networkProtocol }) => networkProtocol === "tcp") }),
  };
}

/** A binding without a port of its own, and the port that the system has chosen for it. */
export interface ChosenPort {
  readonly binding: BindingSpec;
  readonly port: number;
}

/** The ports that the system has chosen, of those that an engine has reported in the order of its bindings. */
export function chosenPorts({ portBindings }: Config, ports: readonly number[]): ChosenPort[] {
  return portBindings.filter(({ listen }) => listen).flatMap((binding, index) => {
    const port = ports[index];
    return binding.localPort === "auto" && port !== undefined ? [{ binding, port }] : [];
  });
}

/** The configuration with chosen ports in the place of those that the system would choose. */
export function withPorts(config: Config, chosen: readonly ChosenPort[]): Config {
  const portBindings = config.portBindings.map((binding) => {
    const choice = chosen.find((other) => isEqual(other.binding, binding));
    return choice === undefined ? binding : { ...binding, localPort: choice.port };
  });
  return { ...config, portBindings };
}

/** Whether the system has no port to choose any more. */
export function hasAllPorts(config: Config, chosen: readonly ChosenPort[]): boolean {
  return withPorts(config, chosen).portBindings.every(({ localPort, listen }) =>
    !listen || localPort !== "auto"
  );
}

/**
 * What a new engine can open while an old one still has its sockets: connections can be shared, datagrams and
 * metrics cannot.
 *
 * Linux would let two sockets have the same UDP port (`SO_REUSEADDR`), but then it would let any user of the
 * host do so, and take the datagrams.
 */
export function besideRunning(next: Config, running: Config): Config {
  const taken = new Set(running.portBindings.filter(isUdp).map(({ localPort }) => localPort));
  const { metricsPort, ...others } = next;
  return {
    ...others,
    portBindings: next.portBindings.filter((binding) => !isUdp(binding) || !taken.has(binding.localPort)),
    ...(metricsPort !== undefined && !shareMetricsPort(next, running) && { metricsPort }),
  };
}

/** Each worker serves metrics on a port of its own, from `metricsPort` on. */
function shareMetricsPort(one: Config, other: Config): boolean {
  if (one.metricsPort === undefined || other.metricsPort === undefined) return false;
  const distance = other.metricsPort - one.metricsPort;
  return distance < one.workers && -distance < other.workers;
}

/** The configuration of an engine that lets another take over: nothing that is listened on. */
export function withoutListeners({ metricsPort: _, ...config }: Config): Config {
  return { ...config, portBindings: [] };
}

function isUdp({ networkProtocol, listen }: BindingSpec): boolean {
  return listen && networkProtocol === "udp";
}
