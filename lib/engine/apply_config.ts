/**
 * Makes another configuration the one of a running engine, or says why not.
 *
 * @module
 */

import { ConfigError } from "../config/errors.ts";
import type { Config } from "../config/types.ts";
import { messageOf } from "../routing/message_of.ts";
import type { RootLogger } from "../telemetry/log.ts";
import type { Engine } from "./engine.ts";

/** What applying a configuration works with. */
export interface ApplyOptions {
  /** The log, whose verbosity is part of the configuration. */
  readonly logger: RootLogger;
  /** Finds the faults that only backend modules can see. */
  readonly validate: (config: Config) => Promise<readonly ConfigError[]>;
}

/** Applies a configuration. Answers why it is not in force, and then the old one still is; nothing if it is. */
export async function applyConfig(
  engine: Engine,
  config: Config,
  { logger, validate }: ApplyOptions,
): Promise<readonly ConfigError[]> {
  try {
    const errors = await validate(config);
    if (errors.length > 0) return errors;
    await engine.apply(config);
    logger.verbosity = config.verbosity;
    return [];
  } catch (error) {
    return [
      error instanceof ConfigError ? error : new ConfigError(messageOf(error), { cause: error }),
    ];
  }
}
