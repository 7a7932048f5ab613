/**
 * `pmmux completions`
 *
 * @module
 */

import { extendTable, type OptionTable } from "../config/option_table.ts";
import { invocationOptions } from "../config/options.ts";
import { type Command, EXIT_BAD_INPUT, EXIT_OK } from "./command.ts";
import { completionScripts, type Shell } from "./completion_scripts.ts";

const SHELLS = Object.keys(completionScripts);

/** Prints a script that makes a shell complete pmmux's commands and options. */
export const completionsCommand: Command = {
  name: "completions",
  summary: "print completions for a shell",
  usage: SHELLS.join("|"),
  configured: false,
  extensible: true,
  operands: SHELLS,
  run({ host, commands, table, operands }) {
    const [shell, ...more] = operands;
    if (shell === undefined || more.length > 0) {
      host.err(`pmmux: name one shell: pmmux completions ${SHELLS.join("|")}`);
      return EXIT_BAD_INPUT;
    }
    const options: OptionTable = extendTable(invocationOptions, table);
    host.out(completionScripts[shell as Shell]({ commands, options }));
    return EXIT_OK;
  },
};
