/**
 * Carries traffic in this process until it is told to stop.
 *
 * @module
 */

import type { Config } from "../config/types.ts";
import { Engine } from "../engine/engine.ts";
import { summary } from "../engine/summary.ts";
import type { Logger } from "../routing/logger.ts";
import { createLogger, type RootLogger } from "../telemetry/log.ts";
import { type CommandContext, EXIT_FAILURE, EXIT_OK } from "./command.ts";
import { watchFile } from "./watch_file.ts";

/** Runs until a signal; answers the exit status. */
export async function run(config: Config, context: CommandContext): Promise<number> {
  using logger = openLog(config);
  for (const { source, message } of context.notices ?? []) logger.warn(message, { source });
  await using engine = new Engine(config, { logger });
  try {
    await engine.start();
  } catch (error) {
    logger.critical((error as Error).message);
    return EXIT_FAILURE;
  }
  announce(engine, logger);
  const reload = () => reloadInto(engine, { context, logger });
  using watcher = watchFile(context.configFile, { onChange: reload, logger });
  watcher.enabled = config.watch;
  await untilStopped({ onHangup: reload, onStop: (signal) => engine.stop({ signal }), logger });
  return EXIT_OK;
}

/** Opens the log that a configuration asks for. */
export function openLog(config: Config): RootLogger {
  return createLogger({
    verbosity: config.verbosity,
    format: config.logFormat,
    directory: config.logDirectory,
    fileMaxSize: config.logFileMaxSize,
    fileMaxRetain: config.logFileMaxRetain,
  });
}

/** Says what has started. */
export function announce(engine: Engine, logger: Logger): void {
  const { multiplexer: { config, listeners, backends }, metricsPort } = engine;
  for (const line of summary({ config, listeners, backends, metricsPort })) logger.info(line);
  const mapped = config.portBindings.filter(({ publicPort }) => publicPort !== undefined);
  if (mapped.length > 0) {
    const bindings = [...new Set(mapped.map(({ publicPort }) => publicPort === "auto" ? "?" : publicPort))];
    logger.warn("this version maps no ports on the router: forward them there by hand, or write !", {
      "public-ports": bindings.join(" "),
    });
  }
}

/** Reads the configuration again and applies it; a wrong one changes nothing. */
async function reloadInto(
  engine: Engine,
  { context, logger }: { readonly context: CommandContext; readonly logger: RootLogger },
): Promise<void> {
  try {
    const loaded = await context.load();
    const errors = loaded.errors ?? await context.validateBackends(loaded.config);
    if (loaded.errors !== undefined || errors.length > 0) {
      for (const error of errors) logger.error(`configuration not applied: ${error}`);
      return;
    }
    await engine.apply(loaded.config);
    logger.verbosity = loaded.config.verbosity;
    logger.info("configuration applied", { file: context.configFile });
  } catch (error) {
    logger.error(`configuration not applied: ${(error as Error).message}`);
  }
}

/** What signals do. */
interface SignalHandlers {
  readonly onHangup: () => Promise<void>;
  /** The signal that it is given is aborted when a second one says that it has to be quick. */
  readonly onStop: (signal: AbortSignal) => Promise<void>;
  readonly logger: Logger;
}

async function untilStopped({ onHangup, onStop, logger }: SignalHandlers): Promise<void> {
  const quick = new AbortController();
  const { promise, resolve } = Promise.withResolvers<void>();
  let stopping = false;
  const stop = () => {
    if (stopping) return quick.abort();
    stopping = true;
    logger.info("stopping: connections may finish; another signal ends them");
    onStop(quick.signal).finally(resolve);
  };
  const listeners = new Map<Deno.Signal, () => void>([["SIGINT", stop]]);
  if (Deno.build.os !== "windows") {
    listeners.set("SIGTERM", stop);
    listeners.set("SIGHUP", () => void onHangup());
  }
  for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
  await promise;
  for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
}
