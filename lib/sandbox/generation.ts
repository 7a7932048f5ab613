/**
 * The engines of one configuration, as they are started together.
 *
 * @module
 */

import type { ConfigNotice } from "../config/errors.ts";
import type { Config } from "../config/types.ts";
import type { EngineProcess, EngineProcessOptions } from "./engine_process.ts";
import type { Scope } from "./grant.ts";
import { exclusiveBindings } from "./exclusive_ports.ts";
import { listenerGrants } from "./listener_scope.ts";
import { covers } from "./scope_cover.ts";
import { besideRunning, type ChosenPort, chosenPorts, withPorts, workerConfig } from "./worker_config.ts";

/** The scope of an engine that listens on ports which the system has chosen for another one. */
export function scopeWithPorts(scope: Scope, config: Config): Scope {
  return [
    ...scope,
    ...listenerGrants(config).filter((grant) => !scope.some((other) => covers(other, grant))),
  ];
}

/** What is to run: a configuration, and what it needs. */
export interface Desired {
  readonly config: Config;
  readonly scope: Scope;
}

/** Starts an engine. */
export type SpawnEngine = (options: Pick<EngineProcessOptions, "scope" | "start">) => EngineProcess;

/** How engines are started. */
export interface GenerationOptions {
  readonly spawn: SpawnEngine;
  /** Whether pmmux goes on as it is if they cannot start. */
  readonly tentative: boolean;
  /** The configuration of engines that still have their sockets; none have unless given. */
  readonly beside?: Config;
  /** Ports that the system has chosen before. */
  readonly ports: readonly ChosenPort[];
  /** What loading the configuration found worth knowing. */
  readonly notices: readonly ConfigNotice[];
}

/** Engines that accept connections. */
export interface Generation {
  /** One for each worker. */
  readonly engines: readonly EngineProcess[];
  /** The ports that the system has chosen. */
  readonly ports: readonly ChosenPort[];
}

/**
 * Starts the engines: the first alone, because it finds the faults and the ports, then all others at once. Resolves
 * when all accept connections.
 *
 * @throws {Error} if one of them does not; then all are told to stop.
 */
export async function startGeneration(
  { config, scope }: Desired,
  { spawn, tentative, beside, ports, notices }: GenerationOptions,
): Promise<Generation> {
  const known = withPorts(config, ports);
  const wanted = beside === undefined ? known : besideRunning(known, beside);
  const engines: EngineProcess[] = [];
  const start = async (worker: number, itsConfig: Config): Promise<readonly number[]> => {
    const first = worker === 0;
    const engine = spawn({
      scope: scopeWithPorts(scope, itsConfig),
      start: {
        config: workerConfig(itsConfig, worker),
        notices: first ? notices : [],
        exclusive: first ? exclusiveBindings(itsConfig, beside) : [],
        announce: first && !tentative,
        tentative,
      },
    });
    engines.push(engine);
    return await engine.ready;
  };
  try {
    const chosen = [...ports, ...chosenPorts(wanted, await start(0, wanted))];
    const shared = withPorts(wanted, chosen);
    const others = Array.from({ length: config.workers - 1 }, (_, index) => start(index + 1, shared));
    await Promise.all(others);
    return { engines, ports: chosen };
  } catch (error) {
    for (const engine of engines) engine.stop({ quick: true });
    throw error;
  }
}
