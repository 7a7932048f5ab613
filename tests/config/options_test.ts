import { assertEquals, assertThrows } from "@std/assert";
import { defaultConfig } from "../../lib/config/default_config.ts";
import { ConfigError } from "../../lib/config/errors.ts";
import {
  environmentName,
  extendTable,
  fileKey,
  findOption,
  optionTable,
  spellings,
} from "../../lib/config/option_table.ts";
import { coreOptions, invocationOptions } from "../../lib/config/options.ts";
import type { Config } from "../../lib/config/types.ts";
import { faults, load } from "./load.ts";

type Key = keyof Config;

/** Names, then a text and the value it gives, then the value unless given. */
const options: readonly (readonly [
  id: string,
  key: Key,
  names: readonly string[],
  text: string,
  value: unknown,
  unlessGiven: unknown,
])[] = [
  ["CLI-04", "portMapProtocol", ["--port-map-protocol", "-m"], "UPnP", "upnp", undefined],
  [
    "CLI-05",
    "routingStrategy",
    ["--routing-strategy", "-r"],
    "least-requests",
    "least-requests",
    "first-available",
  ],
  ["CLI-07", "gateway", ["--gateway", "-g"], "192.0.2.1", "192.0.2.1", undefined],
  ["CLI-08", "networkInterface", ["--network-interface", "-i"], "eth0", "eth0", undefined],
  ["CLI-09", "portMapLifetime", ["--port-map-lifetime"], "3600", 3600, undefined],
  ["CLI-10", "portMapRenewalLead", ["--port-map-renewal-lead"], "60", 60, 10],
  ["CLI-11", "selectionTimeout", ["--selection-timeout", "-s"], "1", 1, 5_000],
  ["CLI-12", "bindTimeout", ["--bind-timeout", "-t"], "1", 1, 30_000],
  ["CLI-13", "previewBufferLimit", ["--preview-buffer-limit"], "1024", 1024, 65_536],
  ["CLI-14", "queueLength", ["--queue-length", "-q"], "5", 5, 100],
  ["CLI-15", "verbosity", ["--verbosity", "-v"], "DEBUG", "debug", "information"],
  ["CLI-15", "verbosity", ["--verbosity", "-v"], "0", "trace", "information"],
  ["CLI-16", "logDirectory", ["--log-directory", "-d"], "/var/log/pmmux", "/var/log/pmmux", undefined],
  ["CLI-17", "logFileMaxSize", ["--log-file-max-size"], "1000000", 1_000_000, undefined],
  ["CLI-18", "logFileMaxRetain", ["--log-file-max-retain"], "3", 3, undefined],
  ["CLI-19", "logMetrics", ["--log-metrics"], "true", true, false],
  ["new", "silenceTimeout", ["--silence-timeout"], "1", 1, 1_000],
  ["new", "maxConnections", ["--max-connections"], "1", 1, 10_000],
  ["new", "maxConnectionsPerClient", ["--max-connections-per-client"], "1", 1, 5_000],
  ["new", "connectTimeout", ["--connect-timeout"], "1", 1, 5_000],
  ["new", "idleTimeout", ["--idle-timeout"], "1", 1, 0],
  ["new", "halfCloseTimeout", ["--half-close-timeout"], "1", 1, 60_000],
  ["new", "drainTimeout", ["--drain-timeout"], "0", 0, 10_000],
  ["new", "udpSessionTimeout", ["--udp-session-timeout"], "1", 1, 60_000],
  ["new", "maxUdpSessions", ["--max-udp-sessions"], "1", 1, 10_000],
  ["new", "logFormat", ["--log-format"], "json", "json", "text"],
  ["new", "panic", ["--panic"], "reject", "reject", "route"],
  ["new", "metricsPort", ["--metrics-port"], "9100", 9100, undefined],
  ["new", "metricsBindAddress", ["--metrics-bind-address"], "::1", "::1", "127.0.0.1"],
  ["new", "watch", ["--watch"], "true", true, false],
  ["new", "supervisor", ["--supervisor"], "false", false, true],
  ["new", "workers", ["--workers"], "2", 2, 1],
];

for (const [id, key, names, text, value, unlessGiven] of options) {
  Deno.test({
    name: `${id} ${names.join(", ")} ${text} gives ${value}, and ${unlessGiven} unless given`,
    permissions: "none",
    fn: () => {
      for (const name of names) assertEquals(load({ args: [name, text] }).config[key], value);
      assertEquals(load({}).config[key], unlessGiven);
      assertEquals(defaultConfig[key], unlessGiven);
    },
  });
}

const lists: readonly (readonly [id: string, key: Key, names: readonly string[], text: string])[] = [
  ["CLI-02", "backends", ["--backend", "-b", "--backends"], "web:noop"],
  ["CLI-03", "portBindings", ["--port-binding", "-p", "--port-bindings"], "!:80:tcp"],
  ["CLI-06", "healthChecks", ["--health-check", "-z", "--health-checks"], "pass:interval=1"],
  ["CLI-20", "extensions", ["--extension", "-x", "--extensions"], "./mine.ts"],
];

for (const [id, key, names, text] of lists) {
  Deno.test({
    name: `${id} ${names.join(", ")} may be repeated, and is empty unless given`,
    permissions: "none",
    fn: () => {
      for (const name of names) {
        assertEquals(load({ args: [name, text] }).settings.length, coreOptions.length);
      }
      const other = text.replace("web", "other").replace("80", "81").replace("=1", "=2");
      assertEquals((load({ args: [names[0]!, text, names[1]!, other] }).config[key] as unknown[]).length, 2);
      assertEquals(load({}).config[key], []);
    },
  });
}

Deno.test({
  name: "every option is tested above",
  permissions: "none",
  fn: () => {
    const tested = [...options, ...lists].map(([, key]) => key as string);
    assertEquals(coreOptions.map(({ key }) => key).toSorted(), [...new Set(tested)].toSorted());
  },
});

for (
  const [id, args, problem] of [
    ["CLI-04", ["-m", "upn"], '--port-map-protocol: "upn" is unknown: did you mean "upnp"?'],
    ["CLI-05", ["-r", "first"], '--routing-strategy: "first" is unknown: did you mean "first-available"?'],
    ["CLI-07", ["-g", "router.local"], '--gateway: "router.local" is not an IP address'],
    ["CLI-07", ["-g", "1.2.3"], '--gateway: "1.2.3" is not an IP address'],
    ["CLI-14", ["-q", "0"], '--queue-length: "0" is not a whole number from 1 to 65535 (connections)'],
    ["CLI-14", ["-q", "1e3"], '--queue-length: "1e3" is not a whole number from 1 to 65535 (connections)'],
    ["CLI-11", ["-s", "-1"], '--selection-timeout: "-1" is not a whole number from 1 to 2147483647 (ms)'],
    ["CLI-11", ["-s", "-v", "debug"], "--selection-timeout: needs a value"],
    ["CLI-21", ["--help=maybe"], '--help: "maybe" is not true or false'],
    ["CLI-11", ["-s=-1"], '--selection-timeout: "-1" is not a whole number from 1 to 2147483647 (ms)'],
    ["CLI-15", ["-v", "7"], '--verbosity: "7" is unknown'],
    ["CLI-15", ["-v", "verbose"], '--verbosity: "verbose" is unknown'],
    ["new", ["--panic", "0"], '--panic: "0" is unknown: known are route, reject'],
    ["CLI-19", ["--log-metrics=yes"], '--log-metrics: "yes" is not true or false'],
    ["new", ["--metrics-port", "70000"], '--metrics-port: "70000" is not a whole number from 1 to 65535'],
    ["new", ["--max-connections", "0"], '--max-connections: "0" is not a whole number from 1 to 1000000'],
  ] as const
) {
  Deno.test({
    name: `${id} ${args.join(" ")} is refused`,
    permissions: "none",
    fn: () => {
      const found = faults({ args });
      const expected = `command line: ${problem}`;
      assertEquals(found.some((fault) => fault.startsWith(expected)), true, found.join("\n"));
    },
  });
}

Deno.test({
  name: "every number has a range that its default is in, and every word is one of the choices",
  permissions: "none",
  fn: () => {
    for (const option of coreOptions) {
      if (option.kind === "integer" && option.default !== undefined) {
        const { min, max } = option.range;
        assertEquals([option.default >= min, option.default <= max], [true, true], option.name);
      }
      if (option.kind === "choice" && option.default !== undefined) {
        assertEquals(option.choices.includes(option.default), true, option.name);
      }
    }
  },
});

Deno.test({
  name: "no two options share a name",
  permissions: "none",
  fn: () =>
    assertEquals(
      extendTable(coreOptions, invocationOptions).length,
      coreOptions.length + invocationOptions.length,
    ),
});

Deno.test({
  name: "W-CFG-16 an option that takes the name of another is refused by name",
  permissions: "none",
  fn: () => {
    const extra = optionTable({ mine: { name: "mine", aliases: ["q"], kind: "flag", help: "", group: "" } });
    const { message } = assertThrows(() => extendTable(coreOptions, extra), ConfigError);
    assertEquals(message, 'two options are called "q": queue-length and mine');
  },
});

Deno.test({
  name: "an option that is added to the table can be given everywhere",
  permissions: "none",
  fn: () => {
    const extra = optionTable({
      greetingText: { name: "greeting-text", kind: "string", help: "", group: "" },
    });
    const table = extendTable(coreOptions, extra);
    for (
      const input of [
        { args: ["--greeting-text", "hi"] },
        { env: { PMMUX__GREETING_TEXT: "hi" } },
        { file: { name: "a.toml", text: '[pmmux]\ngreeting-text = "hi"' } },
      ]
    ) {
      assertEquals(Object.entries(load({ ...input, table }).config).at(-1), ["greetingText", "hi"]);
    }
  },
});

Deno.test({
  name: "CLI-40 an option has one name per place, and answers to all its spellings",
  permissions: "none",
  fn: () => {
    const option = findOption(coreOptions, "--Port_Binding")!;
    assertEquals(option.key, "portBindings");
    assertEquals(fileKey(option), "port-bindings");
    assertEquals(environmentName(option), "PMMUX__PORT_BINDINGS");
    assertEquals(spellings(option), ["port-bindings", "port-binding", "p"]);
    assertEquals(findOption(coreOptions, "nothing"), undefined);
  },
});
