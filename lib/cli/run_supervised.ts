/**
 * Carries traffic in processes that are permitted only what the configuration needs.
 *
 * @module
 */

import { ConfigError } from "../config/errors.ts";
import type { LoadedConfig } from "../config/load_config.ts";
import type { Config } from "../config/types.ts";
import { ServiceManager } from "../net/service_manager.ts";
import { messageOf } from "../routing/message_of.ts";
import { declaredNeeds } from "../sandbox/backend_modules.ts";
import { errorsOf } from "../sandbox/control.ts";
import { EngineProcess, EngineStartError } from "../sandbox/engine_process.ts";
import type { Desired } from "../sandbox/generation.ts";
import { LocalStarter } from "../sandbox/launch_process.ts";
import { scope } from "../sandbox/scope.ts";
import { type Outcome, Supervisor } from "../sandbox/supervisor.ts";
import type { Logger } from "../routing/logger.ts";
import { type CommandContext, EXIT_FAILURE, EXIT_OK } from "./command.ts";
import { everyFault, located } from "./every_fault.ts";
import { type Host, unaskedVariable } from "./host.ts";
import { oneAtATime } from "./one_at_a_time.ts";
import { printErrors } from "./print_errors.ts";
import { listenForSignals } from "./signals.ts";
import { supervisorLog } from "./supervisor_log.ts";
import { tellApplied } from "./tell_applied.ts";
import { watchFile } from "./watch_file.ts";

/** Runs until a signal; answers the exit status. */
export async function runSupervised(loaded: LoadedConfig, context: CommandContext): Promise<number> {
  const { host } = context;
  const { config, notices } = loaded;
  const { desired, errors } = await desiredOf(loaded, context);
  if (desired === undefined) return printErrors(errors, host);
  using log = supervisorLog(config, () => supervisor.engine);
  const { logger } = log;
  const entry = import.meta.resolve("../sandbox/engine_main.ts");
  const directory = Deno.cwd();
  const starter = new LocalStarter({ directory, config: projectConfig(directory) });
  const onText = (line: string) => host.out(line);
  await using serviceManager = new ServiceManager({ socket: unaskedVariable("NOTIFY_SOCKET", host), logger });
  let started = 0;
  const supervisor: Supervisor = new Supervisor(desired, {
    spawn: (options) =>
      new EngineProcess({ ...options, entry, starter, directory, onText, number: ++started }),
    logger,
    notices,
    onReady: () => serviceManager.ready(),
  });
  let current = config;
  const reload = oneAtATime(async () => {
    current = await reloadInto(supervisor, { context, logger, current });
    log.verbosity = current.verbosity;
    if (watcher.enabled !== current.watch) watcher.enabled = current.watch;
  });
  using watcher = watchFile(context.configFile, { known: context.fileRead, onChange: reload });
  watcher.enabled = config.watch;
  const stop = (signal: AbortSignal) => {
    watcher.enabled = false;
    serviceManager.stopping();
    logger.info("stopping: connections may finish; another signal ends them");
    supervisor.stop({ quick: false });
    signal.addEventListener("abort", () => supervisor.stop({ quick: true }), { once: true });
  };
  using _signals = listenForSignals({ onHangup: reload, onStop: stop });
  return exitStatus(await supervisor.run(), { host, loaded });
}

/** The deno.json that the imports of foreign modules are looked up in. */
function projectConfig(directory: string): string | undefined {
  return ["deno.json", "deno.jsonc"].map((name) => `${directory}/${name}`).find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

/** What has to run for a configuration, or what is wrong with it. */
type Derived =
  | { readonly desired: Desired; readonly errors?: undefined }
  | { readonly desired?: undefined; readonly errors: readonly ConfigError[] };

async function desiredOf(loaded: LoadedConfig, context: CommandContext): Promise<Derived> {
  const { config } = loaded;
  try {
    const needs = await declaredNeeds(config);
    return { desired: { config, scope: scope(config, { ...needs, directory: Deno.cwd() }) } };
  } catch (error) {
    const errors = await everyFault(loaded, context);
    return {
      errors: errors.length > 0 ? errors : [new ConfigError(messageOf(error), { cause: error })],
    };
  }
}

interface ReloadOptions {
  readonly context: CommandContext;
  readonly logger: Logger;
  /** The configuration in force. */
  readonly current: Config;
}

/** Reads the configuration again and applies it; a wrong one changes nothing. Answers the one in force. */
async function reloadInto(
  supervisor: Supervisor,
  { context, logger, current }: ReloadOptions,
): Promise<Config> {
  try {
    const loaded = await context.load();
    const derived: Derived = loaded.errors
      ? { errors: await everyFault(loaded, context) }
      : await desiredOf(loaded, context);
    const errors = derived.errors ?? located(await supervisor.apply(derived.desired), loaded);
    for (const error of errors) logger.error(`configuration not applied: ${error}`);
    if (loaded.errors || errors.length > 0) return current;
    tellApplied(loaded, { context, logger, before: current, table: context.table });
    return loaded.config;
  } catch (error) {
    logger.error("the configuration cannot be read", { error: messageOf(error) });
    return current;
  }
}

function exitStatus(
  { success, error }: Outcome,
  { host, loaded }: { readonly host: Host; readonly loaded: LoadedConfig },
): number {
  if (error instanceof EngineStartError && error.faults.length > 0) {
    return printErrors(located(errorsOf(error.faults), loaded), host);
  }
  if (error !== undefined && error.message !== "") host.err(`pmmux: ${error.message}`);
  return success ? EXIT_OK : EXIT_FAILURE;
}
