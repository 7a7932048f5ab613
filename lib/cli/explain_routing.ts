/**
 * The routing of a multiplexer, to be asked without traffic.
 *
 * @module
 */

import type { Multiplexer } from "../engine/multiplexer.ts";
import { BackendEntry } from "../routing/backend_entry.ts";
import type { RoutingStrategy } from "../routing/contracts.ts";
import { strategies } from "../routing/strategies.ts";
import type { Routing } from "./explain_route.ts";

/** The backends of a multiplexer that has started, and its strategy with nothing counted, or one of an extension. */
export function routingOf(
  { backends, config }: Multiplexer,
  added: readonly RoutingStrategy[] = [],
): Routing {
  const own = added.find(({ name }) => name === config.routingStrategy);
  const strategy = own === undefined ? strategies.get(config.routingStrategy) : () => own;
  if (strategy === undefined) {
    throw new Error(`Cannot explain the routing strategy "${config.routingStrategy}": it is not built in`);
  }
  return {
    entries: backends.filter((backend) => backend instanceof BackendEntry),
    strategy: () => strategy(Math.random),
  };
}
