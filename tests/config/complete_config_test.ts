import { assertEquals, assertThrows } from "@std/assert";
import { completeConfig } from "../../lib/config/complete_config.ts";
import { defaultConfig } from "../../lib/config/default_config.ts";
import { ConfigError } from "../../lib/config/errors.ts";
import type { Config } from "../../lib/config/types.ts";

Deno.test({
  name: "whatever a program does not configure is at its default",
  permissions: "none",
  fn: () => {
    assertEquals(completeConfig({}), defaultConfig);
    assertEquals(completeConfig(defaultConfig), defaultConfig);
    const given = { queueLength: 7, idleTimeout: 0, watch: true, routingStrategy: "of-an-extension" };
    assertEquals(completeConfig({ ...given, gateway: undefined }), { ...defaultConfig, ...given });
  },
});

for (
  const [config, message] of [
    [{ queueLenght: 5 }, '"queueLenght" is no option; did you mean "queueLength"?'],
    [{ queueLength: 0 }, 'queueLength: "0" is not a whole number from 1 to 65535 (connections)'],
    [{ idleTimeout: NaN }, 'idleTimeout: "NaN" is not a whole number from 0 to 2147483647 (ms)'],
    [{ drainTimeout: "10" }, "drainTimeout is a string, not a number"],
    [{ watch: "yes" }, "watch is a string, not a boolean"],
    [{ backends: "a:noop" }, "backends is a string, not a list"],
    [{ backends: ["a:noop"] }, "backends has a string in it; parseBackendSpec makes a spec of it"],
    [{ portBindings: ["!:80"] }, "portBindings has a string in it; parseBindingSpec makes a spec of it"],
    [{ panic: "reroute" }, 'panic: "reroute" is unknown: did you mean "route"?'],
    [
      { workers: 0, maxUdpSessions: 0.5 },
      'workers: "0" is not a whole number from 1 to 64; maxUdpSessions: "0.5" is',
    ],
  ] as const
) {
  Deno.test({
    name: `a program is told what is wrong with ${JSON.stringify(config)}`,
    permissions: "none",
    fn: () => {
      assertThrows(() => completeConfig(config as unknown as Partial<Config>), ConfigError, message);
    },
  });
}
