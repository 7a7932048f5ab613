import { assertEquals } from "@std/assert";
import { optionsOf } from "../../lib/cli/command.ts";
import { commandContext } from "../../lib/cli/context.ts";
import type { Host } from "../../lib/cli/host.ts";
import { ownRepertoire } from "../../lib/cli/repertoire.ts";
import { runCommand } from "../../lib/cli/run_command.ts";
import { parseArguments } from "../../lib/config/arguments_layer.ts";

Deno.test({
  name: "CLI-01 the default file need not be there, but once it was read it must not be gone",
  permissions: "none",
  async fn() {
    let text: string | undefined;
    const host: Host = {
      out: () => {},
      err: () => {},
      colour: false,
      environment: () => ({}),
      readTextFile: () =>
        text === undefined ? Promise.reject(new Deno.errors.NotFound()) : Promise.resolve(text),
    };
    const table = optionsOf(runCommand, ownRepertoire.options);
    const parsed = parseArguments([], { table, reportAt: () => () => {} });
    const { load } = commandContext(
      { command: runCommand, repertoire: ownRepertoire, args: [], parsed, table },
      { host, validateBackends: () => Promise.resolve([]) },
    );
    const queueLength = async () => {
      const { config, errors } = await load();
      return config?.queueLength ?? errors!.map(String);
    };
    const missing = "pmmux.toml: cannot read the configuration file: there is no such file";
    assertEquals(await queueLength(), 100);
    text = "[pmmux]\nqueue-length = 7";
    assertEquals(await queueLength(), 7);
    text = undefined;
    assertEquals(await queueLength(), [missing]);
    assertEquals(await queueLength(), [missing]);
    text = "[pmmux]\nqueue-length = 8";
    assertEquals(await queueLength(), 8);
  },
});
