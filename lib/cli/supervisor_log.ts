/**
 * The log of the supervisor: its engine writes it, so that there is one log. While no engine runs, it goes to
 * standard error.
 *
 * @module
 */

import type { Config, Verbosity } from "../config/types.ts";
import type { Logger } from "../routing/logger.ts";
import type { EngineProcess } from "../sandbox/engine_process.ts";
import { CategoryLogger, type LogOutput } from "../telemetry/category_logger.ts";
import { createLogger } from "../telemetry/log.ts";
import type { LogEntry } from "../telemetry/log_format.ts";

/** A log that is open until it is disposed. */
export interface SupervisorLog extends Disposable {
  readonly logger: Logger;
  /** The least severe messages that are logged. */
  verbosity: Verbosity;
}

/** Opens the log; `engine` gives the engine that runs, if there is one. */
export function supervisorLog(config: Config, engine: () => EngineProcess | undefined): SupervisorLog {
  const direct = createLogger({ verbosity: config.verbosity, format: config.logFormat });
  const emit = (entry: LogEntry) => {
    const { level, category, message, fields } = entry;
    const running = engine();
    if (running !== undefined) running.log(entry);
    else direct.child(category)[level](message, fields);
  };
  const output: LogOutput = { verbosity: config.verbosity, now: Date.now, emit };
  return {
    logger: new CategoryLogger(output, "supervisor"),
    get verbosity() {
      return output.verbosity;
    },
    set verbosity(verbosity) {
      output.verbosity = direct.verbosity = verbosity;
    },
    [Symbol.dispose]: () => direct[Symbol.dispose](),
  };
}
