/**
 * What an engine says when it has started.
 *
 * @module
 */

import { unmappedPortsNotice } from "../config/later_capabilities.ts";
import type { Logger } from "../routing/logger.ts";
import type { Engine } from "./engine.ts";
import { summary } from "./summary.ts";

/** Logs what has started. */
export function announce(engine: Engine, logger: Logger): void {
  const { multiplexer: { config, listeners, backends }, metricsPort, extensions } = engine;
  for (const line of summary({ config, listeners, backends, metricsPort, extensions })) logger.info(line);
  if (listeners.length === 0) logger.warn("nobody can connect: give a port binding, with -p or in the file");
  const unmapped = unmappedPortsNotice(config.portBindings);
  if (unmapped !== undefined) logger.warn(unmapped.message, unmapped.fields);
}
