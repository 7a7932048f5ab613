/**
 * The subcommands of extensions, as commands of pmmux.
 *
 * @module
 */

import type { Extension, ExtensionCommand } from "../engine/extension.ts";
import type { Command } from "./command.ts";
import { printErrors, printNotices } from "./print_errors.ts";

/** Makes commands of the subcommands of an extension. */
export function extensionCommands({ name, commands = [] }: Extension): readonly Command[] {
  return commands.map((command) => commandOf(command, name));
}

function commandOf(command: ExtensionCommand, extension: string): Command {
  const { name, summary, usage = "[options]", operands } = command;
  return {
    name,
    summary,
    usage,
    configured: true,
    ...(operands && { operands }),
    async run({ load, host, operands }) {
      const { config, errors, notices } = await load();
      if (errors) return printErrors(errors, host);
      printNotices(notices, host);
      return await command.run({
        config,
        options: config.extensionOptions[extension] ?? {},
        operands,
        out: (text) => host.out(text),
        err: (text) => host.err(text),
      });
    },
  };
}
