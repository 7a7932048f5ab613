import { assertEquals, assertStringIncludes } from "@std/assert";
import { commands } from "../../lib/cli/commands.ts";
import { EXAMPLES, generalHelp } from "../../lib/cli/help_text.ts";
import { loadConfig } from "../../lib/config/load_config.ts";
import { coreOptions, invocationOptions } from "../../lib/config/options.ts";
import { compileMatchers } from "../../lib/routing/matchers.ts";
import { pmmux } from "./fake_host.ts";

const help = generalHelp(commands, { colour: false });

Deno.test({
  name: "help names every command and every option",
  permissions: "none",
  fn: () => {
    for (const { name } of commands) assertStringIncludes(help, `\n  ${name}`);
    for (const { name } of [...coreOptions, ...invocationOptions]) assertStringIncludes(help, `--${name}`);
    for (const { aliases = [] } of coreOptions) {
      for (const alias of aliases) assertStringIncludes(help, `-${alias}, `);
    }
  },
});

Deno.test({
  name: "help explains choices, defaults, repetition and exit statuses",
  permissions: "none",
  fn: () => {
    const words = help.replace(/\s+/g, " ");
    assertStringIncludes(
      words,
      "-q, --queue-length <connections> how many connections may wait to be accepted (default: 100)",
    );
    assertStringIncludes(
      words,
      "--panic <word> what to do when every backend that fits is unhealthy: route, reject (default: route)",
    );
    assertStringIncludes(words, "the first that fits wins (repeatable)");
    assertStringIncludes(words, "2 the command line, the environment or the configuration file is wrong");
  },
});

Deno.test({
  name: "help says of an option what it is called everywhere, what it may be, and its default",
  permissions: "none",
  fn: async () => {
    const lines = async (name: string) => (await pmmux(["help", name])).out.split("\n");
    assertEquals(await lines("queue-length"), [
      "pmmux --queue-length: how many connections may wait to be accepted",
      "",
      "  options      --queue-length, -q",
      "  value        a whole number from 1 to 65535 (connections)",
      "  default      100",
      "  file         queue-length = …",
      "  environment  PMMUX__QUEUE_LENGTH",
    ]);
    assertEquals((await lines("p")).slice(2), [
      "  options      --port-bindings, --port-binding, -p",
      "  value        public:local[:protocol][:parameters], as often as needed",
      "  default      none",
      "  file         port-bindings = […]",
      "  environment  PMMUX__PORT_BINDINGS, or PMMUX__PORT_BINDINGS__0, PMMUX__PORT_BINDINGS__1, …",
    ]);
    assertEquals((await lines("supervisor"))[4], "  default      true");
    assertEquals((await lines("config-file")).at(-1), "  file         of the command line only");
  },
});

Deno.test({
  name: "help fits a terminal of 100 columns",
  permissions: "none",
  fn: () => assertEquals(help.split("\n").filter((line) => line.length > 100), []),
});

Deno.test({
  name: "headings are bold on a terminal only",
  permissions: "none",
  fn: () => {
    assertEquals(help.includes("\x1b"), false);
    assertStringIncludes(generalHelp(commands, { colour: true }), "\x1b[1mUsage:\x1b[22m");
  },
});

for (const { says, options } of EXAMPLES) {
  Deno.test({
    name: `the example is right: ${says}`,
    permissions: "none",
    fn: () => {
      const { config, errors } = loadConfig({ args: options.flat().filter((word) => word !== "") });
      assertEquals(errors?.map(String), undefined);
      for (const { parameters } of config!.backends) compileMatchers(parameters);
    },
  });
}
