/**
 * Carries traffic in this process until it is told to stop.
 *
 * @module
 */

import { ConfigError } from "../config/errors.ts";
import type { LoadedConfig } from "../config/load_config.ts";
import type { Config } from "../config/types.ts";
import { announce } from "../engine/announce.ts";
import { applyConfig } from "../engine/apply_config.ts";
import { Engine } from "../engine/engine.ts";
import { registerExtensions } from "../engine/extension_set.ts";
import { openLog } from "../engine/open_log.ts";
import { validateUnstarted } from "../engine/validate_backends.ts";
import { ServiceManager } from "../net/service_manager.ts";
import { messageOf } from "../routing/message_of.ts";
import type { RootLogger } from "../telemetry/log.ts";
import { type CommandContext, EXIT_FAILURE, EXIT_OK } from "./command.ts";
import { everyFault, located } from "./every_fault.ts";
import { unaskedVariable } from "./host.ts";
import { oneAtATime } from "./one_at_a_time.ts";
import { printErrors } from "./print_errors.ts";
import { listenForSignals } from "./signals.ts";
import { tellApplied } from "./tell_applied.ts";
import { watchFile } from "./watch_file.ts";

/** How a process comes to carry traffic itself. */
export interface InProcessOptions {
  readonly context: CommandContext;
  /** Why there is no supervisor, if there could be one. */
  readonly obstacle: string | undefined;
}

/** How long the end may take once a second signal has come, in milliseconds. */
const END_GRACE_MS = 5000;

/** Runs until a signal; answers the exit status, at the latest soon after a second signal. */
export async function runInProcess(loaded: LoadedConfig, options: InProcessOptions): Promise<number> {
  const { promise: overdue, resolve } = Promise.withResolvers<number>();
  let grace: ReturnType<typeof setTimeout> | undefined;
  const onHurry = () => grace = setTimeout(resolve, END_GRACE_MS, EXIT_FAILURE);
  return await Promise.race([carryTraffic(loaded, { ...options, onHurry }), overdue])
    .finally(() => clearTimeout(grace));
}

async function carryTraffic(
  loaded: LoadedConfig,
  { context, obstacle, onHurry }: InProcessOptions & { readonly onHurry: () => void },
): Promise<number> {
  const { config, notices } = loaded;
  const errors = await validateUnstarted(config);
  if (errors.length > 0) return printErrors(located(errors, loaded), context.host);
  using logger = openLog(config);
  for (const { source, message } of notices) logger.warn(message, { source });
  if (obstacle !== undefined) logger.debug("traffic is carried in this process", { reason: obstacle });
  tellOfWorkers(config, logger);
  const extensions = await registerExtensions(config, { logger });
  await using engine = new Engine(config, { logger, extensions });
  using watcher = watchFile(context.configFile, { known: context.fileRead, onChange: () => reload() });
  const reload = oneAtATime(async () => {
    await reloadInto(engine, { context, logger });
    const { watch } = engine.multiplexer.config;
    if (watcher.enabled !== watch) watcher.enabled = watch;
  });
  await using serviceManager = new ServiceManager({
    socket: unaskedVariable("NOTIFY_SOCKET", context.host),
    logger,
  });
  const { promise: toldToStop, resolve: onStop } = Promise.withResolvers<AbortSignal>();
  const stop = (signal: AbortSignal) => {
    signal.addEventListener("abort", onHurry, { once: true });
    onStop(signal);
  };
  using _signals = listenForSignals({ onHangup: reload, onStop: stop });
  try {
    await engine.start();
  } catch (error) {
    if (error instanceof ConfigError) return printErrors(located([error], loaded), context.host);
    // Whoever wants no log still has to know why there is nothing.
    if (!logger.enabled("critical")) throw error;
    logger.critical(messageOf(error));
    return EXIT_FAILURE;
  }
  announce(engine, logger);
  serviceManager.ready();
  watcher.enabled = config.watch;
  const signal = await toldToStop;
  watcher.enabled = false;
  serviceManager.stopping();
  logger.info("stopping: connections may finish; another signal ends them");
  await engine.stop({ signal });
  return EXIT_OK;
}

function tellOfWorkers({ workers }: Config, logger: RootLogger): void {
  if (workers > 1) logger.warn("there is one worker: more of them need the supervisor");
}

/** Reads the configuration again and applies it; a wrong one changes nothing. */
async function reloadInto(
  engine: Engine,
  { context, logger }: { readonly context: CommandContext; readonly logger: RootLogger },
): Promise<void> {
  try {
    const loaded = await context.load();
    const before = engine.multiplexer.config;
    const errors = loaded.errors
      ? await everyFault(loaded, context)
      : located(await applyConfig(engine, loaded.config, { logger, validate: validateUnstarted }), loaded);
    for (const error of errors) logger.error(`configuration not applied: ${error}`);
    if (loaded.errors || errors.length > 0) return;
    const table = context.table.filter(({ key }) => key !== "workers");
    tellApplied(loaded, { context, logger, before, table });
    if (loaded.config.workers !== before.workers) tellOfWorkers(loaded.config, logger);
  } catch (error) {
    logger.error("the configuration cannot be read", { error });
  }
}
