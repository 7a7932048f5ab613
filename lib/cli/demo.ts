/**
 * `pmmux demo`
 *
 * @module
 */

import { ConfigError } from "../config/errors.ts";
import { optionTable } from "../config/option_table.ts";
import { parseWholeNumber, PORT_RANGE } from "../config/whole_number.ts";
import { type Command, type CommandContext, EXIT_FAILURE, EXIT_OK } from "./command.ts";
import { printErrors } from "./print_errors.ts";

const GROUP = "Demonstration";

/** Shows on this machine what pmmux does. */
export const demoCommand: Command = {
  name: "demo",
  summary: "put demo services behind one local port, send traffic through it, and show what went where",
  usage: "[--once] [--port <number>]",
  configured: false,
  options: optionTable({
    once: { name: "once", kind: "flag", invocation: true, help: "end after the table", group: GROUP },
    port: {
      name: "port",
      kind: "integer",
      range: PORT_RANGE,
      invocation: true,
      help: "the port to listen on; 8080 unless given, and a free one if that is taken",
      group: GROUP,
    },
  }),
  async run(context) {
    const port = portOption(context);
    if (port instanceof ConfigError) return printErrors([port], context.host);
    const { runDemo } = await import("./demo_run.ts");
    const well = await runDemo({ port, once: context.option("once") === "true", host: context.host });
    return well ? EXIT_OK : EXIT_FAILURE;
  },
};

function portOption({ option }: CommandContext): number | undefined | ConfigError {
  const text = option("port");
  if (text === undefined) return undefined;
  return parseWholeNumber(text, PORT_RANGE) ??
    new ConfigError(`"${text}" is not a port from 1 to 65535`, { source: "command line: --port" });
}
