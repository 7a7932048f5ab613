import { assertEquals, assertThrows } from "@std/assert";
import { configValue } from "../../lib/config/config_values.ts";
import { effectiveOptions, formatEffectiveYaml } from "../../lib/config/effective.ts";
import { ConfigError } from "../../lib/config/errors.ts";
import { extensionList } from "../../lib/config/extension_list.ts";
import {
  type ExtensionOption,
  type OptionProvider,
  withExtensionOptions,
} from "../../lib/config/extension_options.ts";
import { configJsonSchema } from "../../lib/config/json_schema.ts";
import { loadConfig } from "../../lib/config/load_config.ts";
import { extendTable } from "../../lib/config/option_table.ts";
import { coreOptions, invocationOptions } from "../../lib/config/options.ts";

const GEO: OptionProvider = {
  name: "geo",
  options: {
    limit: {
      name: "geo-limit",
      aliases: ["k"],
      kind: "integer",
      range: { min: 1, max: 9 },
      default: 5,
      help: "limit",
    },
    lands: { name: "land", kind: "list", plural: "lands", element: "string", help: "lands" },
    file: { name: "geo-file", kind: "string", help: "data" },
  },
};

const table = extendTable(withExtensionOptions(coreOptions, [GEO]), invocationOptions);

Deno.test({
  name: "CLI-32 the extensions are known although other options are not",
  permissions: "none",
  fn(): void {
    for (
      const [input, expected] of [
        [{ args: ["--limit", "5", "-x", "./a.ts", "--flag", "-xjsr:@b/c", "--odd=1"] }, [
          "./a.ts",
          "jsr:@b/c",
        ]],
        [{ env: { PMMUX__EXTENSIONS__0: "./e.ts", PMMUX__LIMIT: "x" } }, ["./e.ts"]],
        [{ file: { name: "a.yaml", text: "pmmux: { limit: 5, extensions: ./f.ts }" } }, ["./f.ts"]],
        [{ file: { name: "a.yaml", text: "pmmux: [" } }, []],
        [{ args: ["-x", "{{env:MINE}}"], env: { MINE: "./m.ts" } }, ["./m.ts"]],
        [{ args: ["-x", "{{env:MINE}}"] }, []],
        [{ args: ["-x", "Pmmux.Extensions.Http.dll"] }, []],
        [{}, []],
      ] as const
    ) {
      assertEquals(extensionList(input), [...expected], JSON.stringify(input));
    }
  },
});

Deno.test({
  name: "CLI-32 a higher layer's extensions replace those of a lower one, as they do in the configuration",
  permissions: "none",
  fn(): void {
    const input = {
      env: { PMMUX__EXTENSION: "./e.ts" },
      file: { name: "a.yaml", text: "pmmux: { extension: f }" },
    };
    assertEquals(extensionList({ ...input, args: ["-x", "./a.ts"] }), ["./a.ts"]);
    assertEquals(extensionList(input), ["./e.ts"]);
    assertEquals(loadConfig(input).config?.extensions, ["./e.ts"]);
  },
});

Deno.test({
  name: "an extension's options are given everywhere, and their values stand under its name",
  permissions: "none",
  fn(): void {
    const file = { name: "a.toml", text: '[pmmux]\nlands = ["at", "ch"]' };
    const { config } = loadConfig({ args: ["-k", "7"], env: { PMMUX__GEO_FILE: "db" }, file, table });
    assertEquals(config?.extensionOptions, { geo: { limit: 7, lands: ["at", "ch"], file: "db" } });
    assertEquals(Object.keys(config!).some((key) => /geo|lands/.test(key)), false);
    const defaults = loadConfig({ table }).config!;
    assertEquals(defaults.extensionOptions, { geo: { limit: 5, lands: [] } });
    assertEquals(JSON.parse(JSON.stringify(defaults)), defaults);
  },
});

Deno.test({
  name: "an extension's options are checked like any other",
  permissions: "none",
  fn(): void {
    const { errors } = loadConfig({ args: ["--geo-limit", "10", "--geo-limt", "1"], table });
    assertEquals(errors?.map(String), [
      "command line: --geo-limt: is no option; did you mean --geo-limit?",
      'command line: --geo-limit: "10" is not a whole number from 1 to 9',
    ]);
  },
});

Deno.test({
  name: "an extension's options are shown with their values, and described in the schema",
  permissions: "none",
  fn(): void {
    const loaded = loadConfig({ args: ["--geo-limit", "7", "--land", "at"], table });
    if (loaded.errors) throw new AggregateError(loaded.errors);
    const yaml = formatEffectiveYaml(effectiveOptions(loaded));
    assertEquals(yaml.match(/^ {2}(geo|lands| {2}- at).*$/gm), [
      "  geo-limit: 7  # command line: --geo-limit",
      "  lands:",
      "    - at  # command line: lands[0]",
    ]);
    const limit = table.find(({ name }) => name === "geo-limit")!;
    assertEquals(configValue(loaded.config, limit), 7);
    const { properties } = configJsonSchema(table.filter(({ invocation }) => !invocation)) as unknown as {
      properties: { pmmux: { properties: Record<string, unknown> } };
    };
    assertEquals(properties.pmmux.properties["geo-limit"], { $ref: "#/$defs/option-geo-limit" });
  },
});

Deno.test({
  name: "a strategy that is not built in is right where extensions may bring one, and wrong elsewhere",
  permissions: "none",
  fn(): void {
    assertEquals(loadConfig({ args: ["-r", "nearest"], table }).config?.routingStrategy, "nearest");
    assertEquals(loadConfig({ args: ["-r", "IP-Hash"], table }).config?.routingStrategy, "ip-hash");
    assertEquals(loadConfig({ args: ["-r", "nearest"] }).errors?.length, 1);
  },
});

const flag = (name: string): OptionProvider["options"] => ({ own: { name, kind: "flag", help: "" } });

for (
  const [what, providers, message] of [
    [
      "of pmmux",
      [{ name: "a", options: flag("queue-length") }],
      'two options are called "queue-length": queue-length and queue-length of extension "a"',
    ],
    [
      "of another extension",
      [{ name: "a", options: flag("depth") }, { name: "b", options: flag("depth") }],
      'two options are called "depth": depth of extension "a" and depth of extension "b"',
    ],
  ] as const
) {
  Deno.test({
    name: `an option with the name of one ${what} is an error that names both`,
    permissions: "none",
    fn(): void {
      const error = assertThrows(() => withExtensionOptions(coreOptions, providers), ConfigError);
      assertEquals(error.message, message);
    },
  });
}

Deno.test({
  name: "two extensions may have options of the same key, for names are what users see",
  permissions: "none",
  fn(): void {
    const providers = [{ name: "a", options: flag("deep") }, { name: "a-own", options: flag("high") }];
    const { config } = loadConfig({ args: ["--deep"], table: withExtensionOptions(coreOptions, providers) });
    assertEquals(config?.extensionOptions, { "a": { own: true }, "a-own": { own: false } });
  },
});

Deno.test({
  name: "a name that no command line could write is refused",
  permissions: "none",
  fn(): void {
    for (const name of ["", "Limit", "two words", "a_b", "-x"]) {
      const providers = [{ name: "a", options: flag(name) }];
      assertThrows(() => withExtensionOptions(coreOptions, providers), ConfigError, "names are like");
    }
  },
});

for (
  const [what, definition, message] of [
    ["of no kind", { kind: "number" }, "its kind is none of string, address, integer, flag, choice, list"],
    ["that is a number without a range", { kind: "integer" }, "the kind integer needs range"],
    ["that is a choice of nothing", { kind: "choice" }, "the kind choice needs choices"],
    ["that is a list without a plural", { kind: "list", element: "string" }, "the kind list needs plural"],
  ] as const
) {
  Deno.test({
    name: `an extension has no option ${what}`,
    permissions: "none",
    fn(): void {
      const own = { name: "geo-limit", help: "", ...definition } as unknown as ExtensionOption;
      assertThrows(() => withExtensionOptions([], [{ name: "geo", options: { own } }]), ConfigError, message);
    },
  });
}
