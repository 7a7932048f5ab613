/**
 * An engine that does what its supervisor tells it.
 *
 * @module
 */

import { ConfigError } from "../config/errors.ts";
import type { Config } from "../config/types.ts";
import { announce } from "../engine/announce.ts";
import { applyConfig } from "../engine/apply_config.ts";
import { Engine } from "../engine/engine.ts";
import { type ExtensionSet, registerExtensions } from "../engine/extension_set.ts";
import { guestModules } from "../engine/guest_modules.ts";
import { BackendLoader, workingDirectory } from "../engine/loader.ts";
import { openLog } from "../engine/open_log.ts";
import { validateUnstarted } from "../engine/validate_backends.ts";
import { messageOf } from "../routing/message_of.ts";
import { type Logger, silentLogger } from "../routing/logger.ts";
import type { RootLogger } from "../telemetry/log.ts";
import {
  type ApplyCommand,
  type EngineCommand,
  type EngineReport,
  type FailedReport,
  faultsOf,
  type StartCommand,
} from "./control.ts";
import { ControlStarter } from "./control_starter.ts";
import { checkPortsAreFree } from "./exclusive_ports.ts";
import { SocketLauncher } from "./launch_socket.ts";
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
    report({ type: "failed", faults: [], message: messageOf(error) });
    return EXIT_FAILED;
  }
  using _log = logger;
  const starter = new ControlStarter(report);
  let extensions: ExtensionSet;
  try {
    extensions = await registerExtensions(first.config, { logger, loader: loaderOf(first, starter) });
  } catch (error) {
    report({ type: "failed", faults: faultsOf([error as ConfigError]) });
    return EXIT_FAILED;
  }
  const options = { logger, extensions, reusePort: true };
  let created: Engine;
  try {
    created = new Engine(first.config, options);
  } catch (error) {
    report({ type: "failed", faults: faultsOf([error as ConfigError]) });
    return EXIT_FAILED;
  }
  await using engine = created;
  const service = new EngineService(engine, { logger, report, starter });
  follow(service, commands).catch(() => service.stop({ quick: true }));
  return await service.start(first) ? await service.stopped : EXIT_FAILED;
}

/** Loads foreign modules as guests, which the supervisor starts. */
function loaderOf({ sockets }: StartCommand, starter: ControlStarter): BackendLoader {
  const base = workingDirectory();
  const processes = sockets === undefined ? undefined : new SocketLauncher({ starter, directory: sockets });
  return new BackendLoader({ base, foreign: guestModules(base, { processes }) });
}

async function follow(service: EngineService, commands: Supervision["commands"]): Promise<void> {
  for (let next = await commands.next(); !next.done; next = await commands.next()) {
    service.perform(next.value);
  }
  // Nobody is left who could end it later.
  service.stop({ quick: true });
}

interface ServiceOptions extends Pick<Supervision, "report"> {
  readonly logger: RootLogger;
  readonly starter: ControlStarter;
}

/** An engine that is started, and then does what it is told. */
class EngineService {
  /** Resolves with the exit status when the engine has stopped. */
  readonly stopped: Promise<number>;
  readonly #engine: Engine;
  readonly #options: ServiceOptions;
  readonly #quick = new AbortController();
  readonly #started = Promise.withResolvers<void>();
  readonly #stopped = Promise.withResolvers<number>();
  #stopping = false;

  constructor(engine: Engine, options: ServiceOptions) {
    this.#engine = engine;
    this.#options = options;
    this.stopped = this.#stopped.promise;
  }

  /** Starts the engine, and reports what came of it; false if it cannot be started. */
  async start({ config, notices, exclusive, announce: shows, tentative }: StartCommand): Promise<boolean> {
    const { logger, report } = this.#options;
    const faults = await validateUnstarted(config);
    if (faults.length > 0) {
      report({ type: "failed", faults: faultsOf(faults) });
      return false;
    }
    for (const { source, message } of notices) logger.warn(message, { source });
    try {
      checkPortsAreFree(exclusive);
      await this.#engine.start();
    } catch (error) {
      report(failure(error as Error, tentative ? silentLogger : logger));
      return false;
    }
    if (shows) announce(this.#engine, logger);
    report({ type: "ready", ports: this.#engine.multiplexer.listeners.map(({ port }) => port) });
    this.#started.resolve();
    return true;
  }

  perform(command: EngineCommand): void {
    switch (command.type) {
      case "start":
        return;
      case "apply":
        return void this.#apply(command);
      case "leave":
        return void this.#leave().catch(this.#stopped.reject);
      case "stop":
        return this.stop({ quick: command.quick });
      case "log":
        return this.#options.logger.child(command.category)[command.level](command.message, command.fields);
      default:
        this.#options.starter.receive(command);
    }
  }

  /** Stops the engine, once it has started. */
  stop({ quick }: { readonly quick: boolean }): void {
    if (quick) this.#quick.abort();
    if (this.#stopping) return;
    this.#stopping = true;
    const { resolve, reject } = this.#stopped;
    const stopping = this.#started.promise.then(() => this.#engine.stop({ signal: this.#quick.signal }));
    stopping.then(() => resolve(EXIT_STOPPED), reject);
  }

  async #apply({ config, exclusive }: ApplyCommand): Promise<void> {
    const { logger, report } = this.#options;
    const validate = (config: Config) => {
      checkPortsAreFree(exclusive);
      return validateUnstarted(config);
    };
    const errors = await applyConfig(this.#engine, config, { logger, validate });
    report({ type: "applied", faults: faultsOf(errors) });
  }

  async #leave(): Promise<void> {
    await this.#engine.apply(withoutListeners(this.#engine.multiplexer.config));
    this.#options.report({ type: "left" });
    this.stop({ quick: false });
  }
}

/** Why an engine cannot start; what is no fault of the configuration is logged, if anything is. */
function failure(error: Error, logger: Logger): FailedReport {
  if (error instanceof ConfigError) return { type: "failed", faults: faultsOf([error]) };
  if (!logger.enabled("critical")) return { type: "failed", faults: [], message: error.message };
  logger.critical(error.message);
  return { type: "failed", faults: [] };
}
