/**
 * All commands of pmmux, in the order that help shows them.
 *
 * @module
 */

import { checkCommand } from "./check.ts";
import type { Command } from "./command.ts";
import { completionsCommand } from "./completions.ts";
import { demoCommand } from "./demo.ts";
import { explainCommand } from "./explain.ts";
import { helpCommand } from "./help.ts";
import { initCommand } from "./init.ts";
import { permissionsCommand } from "./permissions.ts";
import { runCommand } from "./run_command.ts";
import { schemaCommand } from "./schema.ts";
import { versionCommand } from "./version.ts";

/** The commands. */
export const commands: readonly Command[] = [
  runCommand,
  checkCommand,
  explainCommand,
  permissionsCommand,
  initCommand,
  demoCommand,
  schemaCommand,
  completionsCommand,
  versionCommand,
  helpCommand,
];
