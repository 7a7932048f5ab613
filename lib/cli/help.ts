/**
 * `pmmux help`
 *
 * @module
 */

import { suggest } from "../config/nearest.ts";
import { type Command, EXIT_BAD_INPUT, EXIT_OK } from "./command.ts";
import { commandHelp, generalHelp } from "./help_text.ts";

/** Shows how pmmux or one of its commands is used. */
export const helpCommand: Command = {
  name: "help",
  summary: "show how pmmux, or one of its commands, is used",
  usage: "[command]",
  configured: false,
  extensible: true,
  operands: [],
  run({ host, commands, table: options, operands: [name] }) {
    if (name === undefined) {
      host.out(generalHelp(commands, { colour: host.colour, options }));
      return EXIT_OK;
    }
    const command = commands.find((candidate) => candidate.name === name);
    if (command) {
      host.out(commandHelp(command, { colour: host.colour, options }));
      return EXIT_OK;
    }
    host.err(`pmmux: "${name}" is no command; ${suggest(name, commands.map((known) => known.name))}`);
    return EXIT_BAD_INPUT;
  },
};
