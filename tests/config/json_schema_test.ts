import { assertEquals } from "@std/assert";
import { z } from "zod";
import { configJsonSchema } from "../../lib/config/json_schema.ts";
import { coreOptions } from "../../lib/config/options.ts";
import shipped from "../../lib/config/pmmux.schema.json" with { type: "json" };

Deno.test({
  name: "the shipped schema is current; if not: deno run main.ts schema > lib/config/pmmux.schema.json",
  permissions: "none",
  fn: () => assertEquals(shipped as unknown, JSON.parse(JSON.stringify(configJsonSchema(coreOptions)))),
});

const schema = z.fromJSONSchema(shipped as unknown as Parameters<typeof z.fromJSONSchema>[0]);

for (
  const [name, pmmux] of [
    ["nothing", {}],
    ["compact specs", { "backends": ["a:noop"], "port-bindings": ["!:80"], "health-checks": ["pass"] }],
    ["single values", { "backends": "a:noop", "extensions": "./x.ts" }],
    ["backends by name", {
      backends: { web: { protocol: "pass", priority: "vip", target: { port: 80 }, x: [1, "2"] } },
    }],
    ["backends in a list", { backends: ["a:noop", { name: "web", protocol: "pass" }] }],
    ["port bindings", {
      "port-bindings": [{ public: 80, local: 8080, protocol: "tcp", listen: true }, { local: "auto" }],
    }],
    ["health checks", { "health-checks": [{ protocol: "pass", interval: 500, path: "/" }] }],
    ["other names", { b: ["a:noop"], backend: "b:noop", q: 5 }],
    ["other spellings", { Backends: ["a:noop"], PORT_BINDINGS: ["!:80"], "--queue-length": 5 }],
    ["words in any case and numbers as texts", {
      "verbosity": "Information",
      "watch": "TRUE",
      "queue-length": "5",
      "port-bindings": { local: "80", protocol: "UDP" },
      "health-checks": { interval: "500" },
    }],
    ["keys without a value", { backends: null, gateway: null }],
    ["scalars", { "verbosity": "debug", "queue-length": 5, "watch": true, "gateway": "192.0.2.1" }],
    ["a word by its number", { verbosity: 6, backends: { name: "web", protocol: "noop" } }],
    ["variables", { "queue-length": "{{env:Q}}", "watch": "{{env:W}}", "verbosity": "{{env:V}}" }],
  ] as const
) {
  Deno.test({
    name: `the schema accepts ${name}`,
    permissions: "none",
    fn: () => {
      const result = schema.safeParse({ "$schema": "x", pmmux, "x-anchors": {} });
      assertEquals(result.success, true, result.error?.message);
    },
  });
}

for (
  const [name, file] of [
    ["a file without the root", {}],
    ["another root", { pmux: {}, pmmux: {} }],
    ["an unknown option", { pmmux: { verbositi: "debug" } }],
    ["a word by a number that none has", { pmmux: { verbosity: 7 } }],
    ["a number out of range", { pmmux: { "queue-length": 0 } }],
    ["an unknown word", { pmmux: { verbosity: "loud" } }],
    ["what is no number", { pmmux: { "queue-length": "many" } }],
    ["what is neither true nor false", { pmmux: { watch: "yes" } }],
    ["an unknown word of a binding", { pmmux: { "port-bindings": [{ local: 80, protocol: "tpc" }] } }],
    ["a list where a word belongs", { pmmux: { verbosity: ["debug"] } }],
    ["a backend without protocol", { pmmux: { backends: { web: { "target.port": 80 } } } }],
    ["a backend in a list without name", { pmmux: { backends: [{ protocol: "pass" }] } }],
    ["an unknown key of a binding", { pmmux: { "port-bindings": [{ local: 80, bind: "x" }] } }],
    ["a port out of range", { pmmux: { "port-bindings": [{ local: 70000 }] } }],
  ] as const
) {
  Deno.test({
    name: `the schema refuses ${name}`,
    permissions: "none",
    fn: () => assertEquals(schema.safeParse(file).success, false),
  });
}

Deno.test({
  name: "the schema describes every option and has its default",
  permissions: "none",
  fn: () => {
    const definitions = shipped.$defs as Readonly<
      Record<string, { description?: string; default?: unknown }>
    >;
    assertEquals(definitions["option-queue-length"]?.default, 100);
    const described = coreOptions.filter(({ help }) =>
      Object.values(definitions).some(({ description }) => description === help)
    );
    assertEquals(described.length, coreOptions.length);
  },
});
