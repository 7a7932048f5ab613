/**
 * Keeps engines running, each with exactly the permissions that the configuration needs. Takes part in no traffic.
 *
 * @module
 */

import { ConfigError } from "../config/errors.ts";
import { hasSameExtensions } from "../engine/same_extensions.ts";
import type { Config } from "../config/types.ts";
import { InOrder } from "../net/in_order.ts";
import type { Logger } from "../routing/logger.ts";
import { errorsOf, type Fault } from "./control.ts";
import { type EngineProcess, EngineStartError } from "./engine_process.ts";
import {
  type Desired,
  type Generation,
  type GenerationOptions,
  scopeWithPorts,
  startGeneration,
} from "./generation.ts";
import { exclusiveBindings } from "./exclusive_ports.ts";
import { RestartDelay } from "./restart_delay.ts";
import { missing } from "./scope_cover.ts";
import { hasAllPorts, withPorts, workerConfig } from "./worker_config.ts";

/** What a supervisor works with. */
export interface SupervisorOptions extends Pick<GenerationOptions, "spawn" | "notices"> {
  readonly logger: Logger;
  /** Told that the first engines accept connections. */
  readonly onReady?: () => void;
}

/** How a supervisor's work has ended. */
export interface Outcome {
  /** False if the engines could not be kept running, or did not stop as they should. */
  readonly success: boolean;
  /** Why, unless that was logged. */
  readonly error?: Error;
}

/** One of the engines that share the ports. */
interface Worker {
  /** Undefined while it waits to be started again. */
  engine: EngineProcess | undefined;
  readonly delay: RestartDelay;
  restart?: ReturnType<typeof setTimeout>;
}

/** How much longer than connections may take an engine may take to stop, in milliseconds. */
const STOP_GRACE_MS = 5_000;

const ENGINE_GONE: Fault = { message: "an engine has ended just now" };

/** Supervises the engines of one configuration, which may change. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #logger: Logger;
  readonly #finished = Promise.withResolvers<Outcome>();
  /** Every process there is, those that start or leave too. */
  readonly #processes = new Set<EngineProcess>();
  readonly #changes = new InOrder();
  #workers: readonly Worker[] = [];
  #desired: Desired;
  #ports: Generation["ports"] = [];
  #stopping = false;
  #failure: Error | undefined;

  /** A supervisor that does nothing until it is started. */
  constructor(desired: Desired, options: SupervisorOptions) {
    this.#desired = desired;
    this.#options = options;
    this.#logger = options.logger;
  }

  /** An engine that runs, if there is one. */
  get engine(): EngineProcess | undefined {
    return this.#workers.find(({ engine }) => engine !== undefined)?.engine;
  }

  /** Starts the engines and keeps them running; resolves when they have ended for good. */
  async run(): Promise<Outcome> {
    try {
      this.#adopt(
        await this.#changes.run(() =>
          this.#start(this.#desired, { tentative: false, notices: this.#options.notices })
        ),
      );
      if (!this.#stopping) this.#options.onReady?.();
    } catch (error) {
      if (!this.#stopping) this.#giveUp(error as Error);
    }
    return await this.#finished.promise;
  }

  /** Makes another configuration the one that runs. Answers why it is not; nothing if it is. */
  async apply(desired: Desired): Promise<readonly ConfigError[]> {
    return await this.#changes.run(async () => {
      if (this.#stopping) return [new ConfigError("pmmux is stopping")];
      const errors = this.#suffices(desired) ? await this.#change(desired) : await this.#takeOver(desired);
      if (errors.length === 0) this.#desired = desired;
      return errors;
    });
  }

  /** Stops the engines; called again with `quick`, it gives their connections no time. */
  stop({ quick }: { readonly quick: boolean }): void {
    for (const engine of this.#processes) {
      engine.stop({ quick });
      if (quick) this.#expectEnd(engine, { drainTimeout: 0 });
    }
    if (this.#stopping) return;
    this.#stopping = true;
    for (const { restart } of this.#workers) clearTimeout(restart);
    const engines = [...this.#processes];
    for (const engine of engines) this.#expectEnd(engine);
    this.#changes.run(async () => {
      const statuses = await Promise.all(engines.map(({ ended }) => ended));
      const success = this.#failure === undefined && statuses.every((status) => status === 0);
      this.#finished.resolve({ success, error: this.#failure });
    });
  }

  /**
   * Whether all engines run, are as many, have the extensions and are permitted what a configuration wants. One that
   * waits to be started again can try nothing out.
   */
  #suffices({ config, scope }: Desired): boolean {
    return config.workers === this.#workers.length && hasSameExtensions(config, this.#desired.config) &&
      (config.workers === 1 || this.#needsNoOrder(config)) &&
      this.#workers.every(({ engine }) => engine?.suffices(config, scope));
  }

  /** Whether several engines can take a configuration one after another, without a port that another has to know or leave. */
  #needsNoOrder(config: Config): boolean {
    return hasAllPorts(config, this.#ports) && config.metricsPort === this.#desired.config.metricsPort;
  }

  async #change({ config }: Desired): Promise<readonly ConfigError[]> {
    const [next, last] = [config, this.#desired.config].map((it) => withPorts(it, this.#ports));
    let exclusive = exclusiveBindings(next!, last);
    for (const [index, { engine }] of this.#workers.entries()) {
      const faults = await engine?.apply(workerConfig(next!, index), { exclusive }) ?? [ENGINE_GONE];
      exclusive = [];
      if (faults.length === 0) continue;
      for (const [before, worker] of this.#workers.slice(0, index).entries()) {
        await worker.engine?.apply(workerConfig(last!, before));
      }
      return errorsOf(faults);
    }
    return [];
  }

  /** New engines, which are permitted more, share the ports until the old ones have let go of them. */
  async #takeOver(desired: Desired): Promise<readonly ConfigError[]> {
    this.#logger.debug("new engines take over", {
      "not-permitted-yet": missing(desired.scope, this.engine?.scope ?? []).map(({ kind, value }) =>
        `${kind} ${value}`
      ),
    });
    let generation: Generation;
    try {
      const beside = this.engine && withPorts(this.#desired.config, this.#ports);
      generation = await this.#start(desired, { tentative: true, beside, notices: [] });
    } catch (error) {
      return reasonsOf(error as Error);
    }
    const old = this.#workers;
    this.#adopt(generation);
    await Promise.all(old.map(({ engine }) => engine && this.#retire(engine)));
    const complete = withPorts(desired.config, generation.ports);
    for (const [index, engine] of generation.engines.entries()) {
      for (const { message } of await engine.apply(workerConfig(complete, index))) {
        this.#logger.error("not all of the configuration is in force", { reason: message });
      }
    }
    return [];
  }

  #start(desired: Desired, options: Omit<GenerationOptions, "spawn" | "ports">): Promise<Generation> {
    return startGeneration(desired, {
      ...options,
      spawn: (options) => this.#spawn(options),
      ports: this.#ports,
    });
  }

  #spawn(options: Parameters<GenerationOptions["spawn"]>[0]): EngineProcess {
    if (this.#stopping) throw new Error("pmmux is stopping");
    const engine = this.#options.spawn(options);
    this.#processes.add(engine);
    engine.ended.then(() => this.#processes.delete(engine));
    return engine;
  }

  #adopt({ engines, ports }: Generation): void {
    for (const { restart } of this.#workers) clearTimeout(restart);
    this.#ports = ports;
    this.#workers = engines.map((engine) => ({ engine, delay: new RestartDelay() }));
    for (const worker of this.#workers) this.#watch(worker, worker.engine!);
  }

  /** Starts a worker's engine again when it ends without having been told to. */
  async #watch(worker: Worker, engine: EngineProcess): Promise<void> {
    const status = await engine.ended;
    if (this.#stopping || !this.#workers.includes(worker)) return;
    worker.engine = undefined;
    const delay = worker.delay.after(performance.now() - engine.startedAt);
    this.#logger.error("an engine has ended unexpectedly: it is started again", {
      pid: engine.pid,
      status,
      delay,
    });
    worker.restart = setTimeout(() => void this.#changes.run(() => this.#restart(worker)), delay);
  }

  async #restart(worker: Worker): Promise<void> {
    const index = this.#workers.indexOf(worker);
    if (this.#stopping || index < 0) return;
    const config = withPorts(this.#desired.config, this.#ports);
    try {
      const engine = this.#spawn({
        scope: scopeWithPorts(this.#desired.scope, config),
        start: {
          config: workerConfig(config, index),
          notices: [],
          exclusive: [],
          announce: false,
          tentative: false,
        },
      });
      worker.engine = engine;
      this.#watch(worker, engine);
      await engine.ready;
      this.#logger.info("an engine has been started again", { pid: engine.pid });
    } catch (error) {
      if (error instanceof EngineStartError) this.#giveUp(error);
    }
  }

  /** Makes an engine let go of its sockets; it ends when its connections have. */
  async #retire(engine: EngineProcess): Promise<void> {
    this.#expectEnd(engine);
    const timer = setTimeout(() => engine.kill(), STOP_GRACE_MS);
    await engine.leave();
    clearTimeout(timer);
  }

  /** Sees to it that an engine that was told to end does. */
  #expectEnd(
    engine: EngineProcess,
    { drainTimeout }: Pick<Config, "drainTimeout"> = this.#desired.config,
  ): void {
    const timer = setTimeout(() => engine.kill(), drainTimeout + STOP_GRACE_MS);
    engine.ended.then(() => clearTimeout(timer));
  }

  #giveUp(error: Error): void {
    this.#failure = error;
    this.stop({ quick: false });
  }
}

function reasonsOf(error: Error): readonly ConfigError[] {
  if (error instanceof EngineStartError && error.faults.length > 0) return errorsOf(error.faults);
  return [
    new ConfigError(error.message === "" ? "a new engine could not start" : error.message, { cause: error }),
  ];
}
