import { assertEquals, assertRejects } from "@std/assert";
import { parseBackendSpec } from "../../lib/config/backend_spec.ts";
import { parseBindingSpec } from "../../lib/config/binding_spec.ts";
import { ConfigError } from "../../lib/config/errors.ts";
import { defaultConfig } from "../../lib/config/default_config.ts";
import { Engine } from "../../lib/engine/engine.ts";
import type { Extension, ExtensionRegistry } from "../../lib/engine/extension.ts";
import { ExtensionSet, registerExtensions } from "../../lib/engine/extension_set.ts";
import { loadExtensions } from "../../lib/engine/load_extensions.ts";
import { BackendLoader } from "../../lib/engine/loader.ts";
import type { BackendModule } from "../../lib/routing/backend_module.ts";
import { silentLogger } from "../../lib/routing/logger.ts";

const base = "file:///srv/";

/** Loads modules of which only the default exports are known, by URL. */
function modules(exports: Readonly<Record<string, unknown>>) {
  const urls: string[] = [];
  const importModule = (url: string) => {
    urls.push(url);
    if (url in exports) return Promise.resolve({ default: exports[url] });
    return Promise.reject(new Error(`Module not found "${url}"`));
  };
  return { urls, options: { base, importModule } };
}

function extensionOf(name: string, register: Extension["register"] = () => {}): Extension {
  return { name, register };
}

/** A set of extensions, each of which does one thing. */
async function setOf(...registers: readonly Extension["register"][]): Promise<ExtensionSet> {
  const set = new ExtensionSet({ loader: new BackendLoader({ base }) });
  for (const [index, register] of registers.entries()) {
    const name = `e${index}`;
    await set.add({ specifier: `./${name}.ts`, extension: extensionOf(name, register) }, {});
  }
  return set;
}

const greet: BackendModule = { protocol: "greet", createBackend: () => Promise.reject(new Error("no")) };
const strategy = (name: string) =>
  ({ name, ranking: "tier", select: (_: unknown, all: readonly never[]) => all[0]! }) as const;
const accept = () => ({ outcome: "accept" }) as const;

Deno.test({
  name: "EXT-01 extensions are found by path, file:, https:, jsr: and npm:, in their order",
  permissions: "none",
  async fn(): Promise<void> {
    const given = [
      "./a.ts",
      "../b.ts",
      "/c.ts",
      "file:///d.ts",
      "https://e.example/e.ts",
      "jsr:@f/f",
      "npm:g@1",
    ];
    const expected = [
      "file:///srv/a.ts",
      "file:///b.ts",
      "file:///c.ts",
      "file:///d.ts",
      "https://e.example/e.ts",
      "jsr:@f/f",
      "npm:g@1",
    ];
    const known = Object.fromEntries(expected.map((url, index) => [url, extensionOf(`e${index}`)]));
    const { urls, options } = modules(known);
    const loaded = await loadExtensions(given, options);
    assertEquals(urls, expected);
    assertEquals(loaded.map(({ specifier }) => specifier), given);
  },
});

for (
  const [what, exported, message] of [
    ["is not there", undefined, 'cannot load extension "./a.ts": Module not found "file:///srv/a.ts"'],
    ["exports nothing", null, 'cannot use "./a.ts" as an extension: its default export is no object'],
    [
      "has no name",
      { register() {} },
      'cannot use "./a.ts" as an extension: its default export has no name in lower case, with hyphens between words',
    ],
    [
      "has a number for a version",
      { name: "a", version: 2, register() {} },
      'cannot use "./a.ts" as an extension: its default export has a version that is no text',
    ],
    [
      "does not register",
      { name: "a" },
      'cannot use "./a.ts" as an extension: its default export has no register function',
    ],
  ] as const
) {
  Deno.test({
    name: `EXT-01 a module that ${what} is an error that names it`,
    permissions: "none",
    async fn(): Promise<void> {
      const { options } = modules(exported === undefined ? {} : { "file:///srv/a.ts": exported });
      const error = await assertRejects(() => loadExtensions(["./a.ts"], options), ConfigError);
      assertEquals(error.message, message);
    },
  });
}

Deno.test({
  name: "EXT-01 two extensions of one name are an error that names both modules",
  permissions: "none",
  async fn(): Promise<void> {
    const { options } = modules({
      "file:///srv/a.ts": extensionOf("geo"),
      "file:///srv/b.ts": extensionOf("geo"),
    });
    await assertRejects(
      () => loadExtensions(["./a.ts", "./b.ts"], options),
      ConfigError,
      './a.ts and ./b.ts are both extension "geo"',
    );
  },
});

Deno.test({
  name: "EXT-02 EXT-05 EXT-06 EXT-07 what extensions add is there, and one line says so of each",
  permissions: "none",
  async fn(): Promise<void> {
    const set = await setOf(({ backendModule, strategy: add }) => {
      backendModule("greet", greet);
      add(strategy("nearest"));
    }, ({ negotiator, metricSink, permission }) => {
      negotiator({ name: "guard", negotiate: accept });
      metricSink({ name: "collector", receive() {} });
      permission({ kind: "net", value: "collector:4318", reason: "export" });
    }, () => {});
    assertEquals(await set.loader.load("greet"), greet);
    assertEquals(set.strategies.map(({ name }) => name), ["nearest"]);
    assertEquals(set.negotiators.map(({ name }) => name), ["guard"]);
    assertEquals(set.sinks.map(({ name }) => name), ["collector"]);
    assertEquals(set.permissions, [
      { extension: "e1", value: { kind: "net", value: "collector:4318", reason: "export" } },
    ]);
    assertEquals(set.lines, [
      "extension   e0 (./e0.ts): protocol greet, strategy nearest",
      "extension   e1 (./e1.ts): negotiator guard, metric sink collector",
      "extension   e2 (./e2.ts): adds nothing",
    ]);
  },
});

for (
  const [what, add, message] of [
    ["protocol", (it) => it.backendModule("greet", greet), "protocol greet"],
    ["strategy", (it) => it.strategy(strategy("nearest")), "strategy nearest"],
    ["negotiator", (it) => it.negotiator({ name: "guard", negotiate: accept }), "negotiator guard"],
    ["metric sink", (it) => it.metricSink({ name: "sink", receive() {} }), "metric sink sink"],
  ] as readonly (readonly [string, (registry: ExtensionRegistry) => void, string])[]
) {
  Deno.test({
    name: `EXT-01 a ${what} that another extension adds already is an error that names both`,
    permissions: "none",
    async fn(): Promise<void> {
      const error = await assertRejects(() => setOf(add, add), ConfigError);
      assertEquals(
        error.message,
        `cannot register extension "e1" (./e1.ts): ${message} is already there: extension "e0" adds it`,
      );
    },
  });
}

Deno.test({
  name: "EXT-01 what is built in is not replaced, and a protocol's name is none of a module",
  permissions: "none",
  async fn(): Promise<void> {
    for (
      const [add, message] of [
        [(it) => it.backendModule("pass", greet), "protocol pass is already built in"],
        [(it) => it.backendModule("./greet.ts", greet), '"./greet.ts" is no short name of a protocol'],
        [(it) => it.strategy(strategy("ip-hash")), "strategy ip-hash is already built in"],
      ] as readonly (readonly [(registry: ExtensionRegistry) => void, string])[]
    ) {
      await assertRejects(() => setOf(add), ConfigError, message);
    }
  },
});

Deno.test({
  name: "an extension gets the values of its own options, and nobody else's",
  permissions: "none",
  async fn(): Promise<void> {
    const seen: unknown[] = [];
    const see = ({ options }: ExtensionRegistry) => void seen.push(options);
    const { options } = modules({
      "file:///srv/a.ts": extensionOf("a", see),
      "file:///srv/b.ts": extensionOf("b", see),
    });
    const extensionOptions = { a: { limit: 5 }, c: { limit: 6 } };
    await registerExtensions({ extensions: ["./a.ts", "./b.ts"], extensionOptions }, options);
    assertEquals(seen, [{ limit: 5 }, {}]);
  },
});

const LISTENING = {
  ...defaultConfig,
  backends: [parseBackendSpec("rest:noop")],
  portBindings: parseBindingSpec("!:?:tcp:bind-address=127.0.0.1"),
};

/** An engine with an extension, not yet started. */
async function engineWith(register: Extension["register"], config = LISTENING): Promise<Engine> {
  return new Engine(config, { logger: silentLogger, extensions: await setOf(register) });
}

Deno.test("EXT-08 EXT-09 an extension hears of events, and works with the multiplexer once it has started", async () => {
  const told: string[] = [];
  const engine = await engineWith(({ events, onStart }) => {
    events.on("backendAdded", ({ name }) => told.push(`added ${name}`));
    events.on("backendRemoved", ({ name }) => told.push(`removed ${name}`));
    onStart(async (multiplexer) => {
      told.push("started");
      await multiplexer.addBackend(parseBackendSpec("more:noop"));
      return { [Symbol.dispose]: () => void told.push("stopping") };
    });
  });
  await engine.start();
  await engine.stop();
  assertEquals(told, ["added rest", "started", "added more", "stopping", "removed rest", "removed more"]);
});

Deno.test("an extension that cannot start is an error that names it, and leaves nothing behind", async () => {
  await using engine = await engineWith(({ onStart }) =>
    onStart(() => {
      throw new Error("no collector");
    })
  );
  await assertRejects(() => engine.start(), Error, 'Cannot start extension "e0": no collector');
  assertEquals(engine.multiplexer.listeners, []);
});

Deno.test("an extension that does not stop as it should keeps nobody from stopping", async () => {
  await using engine = await engineWith(({ onStart }) =>
    onStart(() => ({ [Symbol.asyncDispose]: () => Promise.reject(new Error("stuck")) }))
  );
  await engine.start();
  await engine.stop();
  assertEquals(engine.multiplexer.listeners, []);
});

Deno.test("EXT-06 a strategy of an extension chooses", async () => {
  const chosen: string[] = [];
  const config = { ...LISTENING, routingStrategy: "nearest" };
  await using engine = await engineWith(({ strategy }) =>
    strategy({
      name: "nearest",
      ranking: "tier",
      select(_request, candidates) {
        chosen.push(...candidates.map(({ spec }) => spec.name));
        return candidates[0]!;
      },
    }), config);
  await engine.start();
  using client = await Deno.connect({ hostname: "127.0.0.1", port: engine.multiplexer.listeners[0]!.port });
  assertEquals(await client.read(new Uint8Array(1)), null);
  assertEquals(chosen, ["rest"]);
});

Deno.test("extensions and their options do not change while an engine runs", async () => {
  await using engine = await engineWith(() => {});
  await engine.start();
  for (const change of [{ extensions: ["./new.ts"] }, { extensionOptions: { e0: { limit: 1 } } }]) {
    await assertRejects(() => engine.apply({ ...LISTENING, ...change }), Error, "start it again");
  }
  await engine.apply({ ...LISTENING, maxConnections: 1 });
});
