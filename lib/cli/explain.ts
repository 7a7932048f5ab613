/**
 * `pmmux explain`
 *
 * @module
 */

import { ConfigError } from "../config/errors.ts";
import { optionTable } from "../config/option_table.ts";
import type { Config } from "../config/types.ts";
import { type Command, type CommandContext, EXIT_OK } from "./command.ts";
import { everyFault } from "./every_fault.ts";
import type { ClientExplanation } from "./explain_negotiation.ts";
import { printErrors } from "./print_errors.ts";

const CLIENT = "Client";
const bytes = { kind: "list", element: "string", invocation: true, group: CLIENT } as const;
const flag = { kind: "flag", invocation: true, group: CLIENT } as const;
const endpoint = { kind: "string", placeholder: "address[:port]", invocation: true, group: CLIENT } as const;

/** Tells where a client would go, and why, without opening anything. */
export const explainCommand: Command = {
  name: "explain",
  summary: "show where a client would go, and which bytes decide it",
  usage: "[--hex|--text|--file <bytes>]… [--udp] [options]",
  configured: true,
  options: optionTable({
    hex: {
      ...bytes,
      name: "hex",
      plural: "hex",
      placeholder: "bytes",
      help: "what the client sends, in hexadecimal digits; for UDP, each is a datagram",
    },
    text: {
      ...bytes,
      name: "text",
      plural: "text",
      placeholder: "text",
      help: "what the client sends, as text with \\r, \\n, \\t, \\0 and \\xHH",
    },
    file: {
      ...bytes,
      name: "file",
      plural: "file",
      placeholder: "path",
      help: 'a file with what the client sends; standard input, also called "-", if nothing else is given',
    },
    udp: { ...flag, name: "udp", help: "the client sends datagrams" },
    client: {
      ...endpoint,
      name: "client",
      help: "the address of who connects; 127.0.0.1:50000 unless given",
    },
    local: { ...endpoint, name: "local", help: "the address it calls; the first port binding unless given" },
    json: { ...flag, name: "json", help: "print JSON" },
  }),
  async run(context) {
    const { host } = context;
    const loaded = await context.load();
    const errors = await everyFault(loaded, context);
    if (loaded.errors || errors.length > 0) return printErrors(errors, host);
    try {
      const explanation = await explain(loaded.config, context);
      if (context.option("json") === "true") {
        host.out(JSON.stringify(explanation, null, 2));
      } else {
        const { explanationLines } = await import("./explain_text.ts");
        host.out(explanationLines(explanation).join("\n"));
      }
      return EXIT_OK;
    } catch (error) {
      if (error instanceof ConfigError) return printErrors([error], host);
      throw error;
    }
  },
};

/** Builds the backends as for live traffic, but no listener. Loaded only here: no other command needs it. */
async function explain(config: Config, context: CommandContext): Promise<ClientExplanation> {
  const { readAskedClient } = await import("./explain_input.ts");
  const { explainClient } = await import("./explain_negotiation.ts");
  const { routingOf } = await import("./explain_routing.ts");
  const { registerExtensions } = await import("../engine/extension_set.ts");
  const { Multiplexer } = await import("../engine/multiplexer.ts");
  const question = await readAskedClient(context, config);
  const { loader, strategies, negotiators } = await registerExtensions(config);
  const unheard = { ...config, portBindings: [], healthChecks: [] };
  await using multiplexer = new Multiplexer(unheard, { loader, strategies });
  await multiplexer.start();
  const routing = routingOf(multiplexer, strategies);
  return await explainClient(question, { config, negotiators, routing });
}
