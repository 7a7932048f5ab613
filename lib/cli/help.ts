/**
 * `pmmux help`
 *
 * @module
 */

import { suggest } from "../config/nearest.ts";
import { extendTable, findOption } from "../config/option_table.ts";
import { invocationOptions } from "../config/options.ts";
import { type Command, EXIT_BAD_INPUT, EXIT_OK } from "./command.ts";
import { commandHelp, generalHelp } from "./help_text.ts";
import { optionHelp } from "./option_help.ts";

/** Shows how pmmux, one of its commands or one of its options is used. */
export const helpCommand: Command = {
  name: "help",
  summary: "show how pmmux, or one of its commands or options, is used",
  usage: "[command|option]",
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
    const table = extendTable(options, invocationOptions);
    const option = findOption(table, name);
    if (option) {
      host.out(optionHelp(option));
      return EXIT_OK;
    }
    const names = [...commands, ...table].map((known) => known.name);
    host.err(`pmmux: "${name}" is no command and no option; ${suggest(name, names)}`);
    return EXIT_BAD_INPUT;
  },
};
