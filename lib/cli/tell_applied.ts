/**
 * What the log says of a configuration that was read again and is in force now.
 *
 * @module
 */

import { unmappedPortsNotice } from "../config/later_capabilities.ts";
import type { LoadedConfig } from "../config/load_config.ts";
import type { OptionTable } from "../config/option_table.ts";
import type { Config } from "../config/types.ts";
import type { Logger } from "../routing/logger.ts";
import type { CommandContext } from "./command.ts";
import { configChanges } from "./config_changes.ts";

/** What is told about. */
export interface Applied {
  readonly context: Pick<CommandContext, "configFile" | "fileRead">;
  readonly logger: Logger;
  /** The configuration that was in force before. */
  readonly before: Config;
  /** The options whose changes are told. */
  readonly table: OptionTable;
}

/** Tells what has changed, and what is worth knowing about the new configuration. */
export function tellApplied({ config, notices }: LoadedConfig, applied: Applied): void {
  const { context, logger, before, table } = applied;
  logger.info("configuration applied", {
    ...(context.fileRead() !== "" && { file: context.configFile }),
    ...configChanges(before, config, { table }),
  });
  for (const { source, message } of notices) logger.warn(message, { source });
  const unmapped = unmappedPortsNotice(config.portBindings);
  if (unmapped !== undefined) logger.warn(unmapped.message, unmapped.fields);
}
