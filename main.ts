/**
 * pmmux: many services behind one port.
 *
 * @module
 */

import type { Config } from "./lib/config/types.ts";
import { main } from "./lib/cli/main.ts";

if (import.meta.main) Deno.exit(await main(Deno.args, { validateBackends }));

/** Loaded only by the commands that ask, because it brings the code that carries traffic. */
async function validateBackends(
  config: Config,
): ReturnType<typeof import("./lib/engine/validate_backends.ts").validateBackends> {
  const engine = await import("./lib/engine/validate_backends.ts");
  return await engine.validateBackends(config);
}
