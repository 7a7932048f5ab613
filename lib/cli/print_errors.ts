/**
 * How faults in what pmmux was given are shown.
 *
 * @module
 */

import type { ConfigError, ConfigNotice } from "../config/errors.ts";
import { escapeInvisible } from "../telemetry/log_value.ts";
import { EXIT_BAD_INPUT } from "./command.ts";
import type { Host } from "./host.ts";

/** Shows every fault on a line of its own, and answers the exit status they lead to. */
export function printErrors(errors: readonly ConfigError[], host: Host): number {
  const count = errors.length === 1 ? "1 error" : `${errors.length} errors`;
  host.err([`pmmux: ${count}`, ...errors.map((error) => `  ${escapeInvisible(String(error))}`)].join("\n"));
  return EXIT_BAD_INPUT;
}

/** Shows what is worth knowing, apart from the command's own output. */
export function printNotices(notices: readonly ConfigNotice[], host: Host): void {
  for (const { source, message } of notices) host.err(escapeInvisible(`note: ${source}: ${message}`));
}
