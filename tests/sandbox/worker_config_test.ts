import { assert, assertEquals } from "@std/assert";
import { loadConfig } from "../../lib/config/load_config.ts";
import type { BindingSpec, Config } from "../../lib/config/types.ts";
import {
  besideRunning,
  chosenPorts,
  hasAllPorts,
  withoutListeners,
  withPorts,
  workerConfig,
} from "../../lib/sandbox/worker_config.ts";

function configOf(...args: string[]): Config {
  const { config, errors } = loadConfig({ args });
  if (config === undefined) throw new AggregateError(errors);
  return config;
}

const portsOf = ({ portBindings }: Config) => portBindings.map(describe);

function describe({ networkProtocol, localPort }: BindingSpec): string {
  return `${networkProtocol} ${localPort}`;
}

Deno.test({
  name: "one worker has the whole configuration",
  permissions: "none",
  fn(): void {
    const config = configOf("-p", "!:53");
    assert(workerConfig(config, 0) === config);
  },
});

Deno.test({
  name: "of several workers, the first has the datagrams, and each its share and its metrics",
  permissions: "none",
  fn(): void {
    const config = configOf(
      "-p",
      "!:53",
      "--workers",
      "3",
      "--max-connections",
      "100",
      "--metrics-port",
      "9100",
    );
    const workers = [0, 1, 2].map((worker) => workerConfig(config, worker));
    assertEquals(workers.map(portsOf), [["tcp 53", "udp 53"], ["tcp 53"], ["tcp 53"]]);
    assertEquals(workers.map(({ metricsPort }) => metricsPort), [9100, 9101, 9102]);
    assertEquals(workers.map(({ maxConnections }) => maxConnections), [34, 34, 34]);
  },
});

Deno.test({
  name: "chosen ports stand for the bindings that they were chosen for, wherever those are",
  permissions: "none",
  fn(): void {
    const config = configOf("-p", "!:?:tcp", "-p", "80:80:tcp:listen=false", "-p", "!:53:udp");
    const chosen = chosenPorts(config, [40_000, 53]);
    assertEquals(portsOf(withPorts(config, chosen)), ["tcp 40000", "tcp 80", "udp 53"]);
    assertEquals(portsOf(withPorts(configOf("-p", "!:?:tcp"), chosen)), ["tcp 40000"]);
    assertEquals(portsOf(withPorts(configOf("-p", "!:?:udp"), chosen)), ["udp auto"]);
    assertEquals([hasAllPorts(config, chosen), hasAllPorts(config, [])], [true, false]);
  },
});

Deno.test({
  name: "beside a running engine only what can be shared is opened, and what is new",
  permissions: "none",
  fn(): void {
    const running = configOf("-p", "!:53", "--metrics-port", "9100");
    const next = configOf("-p", "!:53", "-p", "!:54", "--metrics-port", "9100");
    const beside = besideRunning(next, running);
    assertEquals(portsOf(beside), ["tcp 53", "tcp 54", "udp 54"]);
    assert(!("metricsPort" in beside));
    assertEquals(besideRunning(next, configOf()), next);
    for (const [port, workers, kept] of [[9101, 1, 9101], [9098, 2, 9098], [9098, 3, undefined]] as const) {
      const other = configOf("--metrics-port", `${port}`, "--workers", `${workers}`);
      assertEquals(besideRunning(other, running).metricsPort, kept);
    }
  },
});

Deno.test({
  name: "an engine that lets another take over keeps all but what is listened on",
  permissions: "none",
  fn(): void {
    const config = configOf("-p", "!:53", "-b", "a:noop", "--metrics-port", "9100");
    const { metricsPort: _, ...expected } = { ...config, portBindings: [] };
    assertEquals<Partial<Config>>(withoutListeners(config), expected);
  },
});
