/**
 * An engine that does what its supervisor tells it.
 *
 * @module
 */

import type { ConfigError } from "../config/errors.ts";
import type { Config } from "../config/types.ts";
import { announce } from "../engine/announce.ts";
import { applyConfig } from "../engine/apply_config.ts";
import { Engine } from "../engine/engine.ts";
import { openLog } from "../engine/open_log.ts";
import { validateBackends } from "../engine/validate_backends.ts";
import type { RootLogger } from "../telemetry/log.ts";
import type { EngineCommand, EngineReport, Fault, StartCommand } from "./control.ts";
import { checkPortsAreFree } from "./exclusive_ports.ts";
import { withoutListeners } from "./worker_config.ts";

/** The two directions of talking to the supervisor. */
export interface Supervision {
  /** What the supervisor says; it ends when there is no supervisor any more. */
  readonly commands: AsyncIterator<EngineCommand>;
  /** Tells it something. */
  readonly report: (report: EngineReport) => void;
}

const EXIT_STOPPED = 0;
const EXIT_FAILED = 1;

/** Serves until it is told to stop or there is nobody to tell it; answers the exit status. */
export async function serveEngine({ commands, report }: Supervision): Promise<number> {
  const { value: first } = await commands.next();
  if (first?.type !== "start") return EXIT_FAILED;
  let logger: RootLogger;
  try {
    logger = openLog(first.config);
  } catch (error) {
    report({ type: "failed", faults: [], message: (error as Error).message });
    return EXIT_FAILED;
  }
  using _log = logger;
  await using engine = new Engine(first.config, { logger, reusePort: true });
  if (!await start(engine, { command: first, logger, report })) return EXIT_FAILED;
  const commanded = new CommandedEngine(engine, { logger, report });
  follow(commanded, commands).catch(() => commanded.stop({ quick: true }));
  return await commanded.stopped;
}

interface StartOptions extends Pick<Supervision, "report"> {
  readonly command: StartCommand;
  readonly logger: RootLogger;
}

async function start(engine: Engine, { command, logger, report }: StartOptions): Promise<boolean> {
  const { config, notices, exclusive } = command;
  const faults = await validateBackends(config);
  if (faults.length > 0) {
    report({ type: "failed", faults: faultsOf(faults) });
    return false;
  }
  for (const { source, message } of notices) logger.warn(message, { source });
  try {
    if (exclusive) checkPortsAreFree(config);
    await engine.start();
  } catch (error) {
    logger.critical((error as Error).message);
    report({ type: "failed", faults: [] });
    return false;
  }
  if (command.announce) announce(engine, logger);
  report({ type: "ready", ports: engine.multiplexer.listeners.map(({ port }) => port) });
  return true;
}

/** A running engine that does what it is told. */
class CommandedEngine {
  /** Resolves with the exit status when the engine has stopped. */
  readonly stopped: Promise<number>;
  readonly #engine: Engine;
  readonly #logger: RootLogger;
  readonly #report: Supervision["report"];
  readonly #quick = new AbortController();
  readonly #stopped = Promise.withResolvers<number>();
  #stopping = false;

  constructor(
    engine: Engine,
    { logger, report }: Pick<Supervision, "report"> & { readonly logger: RootLogger },
  ) {
    this.#engine = engine;
    this.#logger = logger;
    this.#report = report;
    this.stopped = this.#stopped.promise;
  }

  perform(command: EngineCommand): void {
    switch (command.type) {
      case "apply":
        return void this.#apply(command.config);
      case "leave":
        return void this.#leave().catch(this.#stopped.reject);
      case "stop":
        return this.stop({ quick: command.quick });
      case "log":
        return this.#logger.child(command.category)[command.level](command.message, command.fields);
    }
  }

  stop({ quick }: { readonly quick: boolean }): void {
    if (quick) this.#quick.abort();
    if (this.#stopping) return;
    this.#stopping = true;
    const { resolve, reject } = this.#stopped;
    this.#engine.stop({ signal: this.#quick.signal }).then(() => resolve(EXIT_STOPPED), reject);
  }

  async #apply(config: Config): Promise<void> {
    const faults = await applyConfig(this.#engine, config, {
      logger: this.#logger,
      validate: validateBackends,
    });
    this.#report({ type: "applied", faults: faultsOf(faults) });
  }

  async #leave(): Promise<void> {
    await this.#engine.apply(withoutListeners(this.#engine.multiplexer.config));
    this.#report({ type: "left" });
    this.stop({ quick: false });
  }
}

async function follow(engine: CommandedEngine, commands: Supervision["commands"]): Promise<void> {
  for (let next = await commands.next(); !next.done; next = await commands.next()) engine.perform(next.value);
  // Nobody is left who could end it later.
  engine.stop({ quick: true });
}

function faultsOf(errors: readonly ConfigError[]): Fault[] {
  return errors.map(({ source, message }) => ({ source, message }));
}
