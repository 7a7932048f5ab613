/**
 * The routing of a multiplexer, to be asked without traffic.
 *
 * @module
 */

import type { Multiplexer } from "../engine/multiplexer.ts";
import { BackendEntry } from "../routing/backend_entry.ts";
import type { RoutingStrategy } from "../routing/routing_strategy.ts";
import { strategies } from "../routing/strategies.ts";
import type { Routing } from "./explain_route.ts";

/** The backends of a multiplexer that has started, and its strategy, maybe of an extension, with nothing counted. */
export function routingOf(
  { backends, config }: Multiplexer,
  added: readonly RoutingStrategy[] = [],
): Routing {
  const own = added.find(({ name }) => name === config.routingStrategy);
  const make = own === undefined ? strategies.get(config.routingStrategy) : () => own;
  if (make === undefined) throw new Error(`There is no routing strategy "${config.routingStrategy}"`);
  return {
    entries: backends.filter((backend) => backend instanceof BackendEntry),
    strategy() {
      const strategy = make(Math.random);
      strategy.reset?.();
      return strategy;
    },
  };
}
