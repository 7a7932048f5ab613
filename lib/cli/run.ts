/**
 * Carries traffic until it is told to stop: in processes that may do only that, or in this one.
 *
 * @module
 */

import type { LoadedConfig } from "../config/load_config.ts";
import type { CommandContext } from "./command.ts";

/** Runs until a signal; answers the exit status. */
export async function run(loaded: LoadedConfig, context: CommandContext): Promise<number> {
  const { config } = loaded;
  const obstacle = config.supervisor ? supervisorObstacle() : undefined;
  // Each is loaded only when it runs: the supervisor has no use for the code that carries traffic.
  if (config.supervisor && obstacle === undefined) {
    const { runSupervised } = await import("./run_supervised.ts");
    return await runSupervised(loaded, context);
  }
  const { runInProcess } = await import("./run_in_process.ts");
  return await runInProcess(loaded, { context, obstacle });
}

/** Why no engine can be started as a process of its own; undefined if one can. */
function supervisorObstacle(): string | undefined {
  if (Deno.build.standalone) return "this is a compiled program, whose permissions are built in";
  const permission = { name: "run", command: Deno.execPath() } as const;
  if (Deno.permissions.querySync(permission).state === "granted") return undefined;
  return `there is no permission to run ${permission.command}`;
}
