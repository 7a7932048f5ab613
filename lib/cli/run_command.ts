/**
 * `pmmux run`, which is what pmmux does unless told otherwise.
 *
 * @module
 */

import type { Command } from "./command.ts";
import { everyFault, withoutForeignModules } from "./every_fault.ts";
import { printErrors } from "./print_errors.ts";

/** Carries traffic as the configuration says. */
export const runCommand: Command = {
  name: "run",
  summary: "carry traffic; what pmmux does unless told otherwise",
  usage: "[options]",
  configured: true,
  async run(given) {
    const context = withoutForeignModules(given);
    const loaded = await context.load();
    if (loaded.errors) return printErrors(await everyFault(loaded, context), context.host);
    // Only here, so that no other command loads the code that carries traffic.
    const { run } = await import("./run.ts");
    return await run(loaded, context);
  },
};
