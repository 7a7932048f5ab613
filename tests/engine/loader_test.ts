import { fileURLToPath } from "node:url";
import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { parseBackendSpec } from "../../lib/config/backend_spec.ts";
import { BackendLoader, workingDirectory } from "../../lib/engine/loader.ts";
import { datagramBuffers } from "../../lib/net/datagram_buffers.ts";
import type { BackendContext, BackendModule } from "../../lib/routing/backend_module.ts";
import { silentLogger } from "../../lib/routing/logger.ts";
import { FakeBackend } from "../routing/fake_backend.ts";

const CONTEXT: BackendContext = {
  buffers: datagramBuffers,
  logger: silentLogger,
  net: {
    connect: () => Promise.reject(new Error("no network")),
    openDatagram: () => Promise.reject(new Error("no network")),
  },
};

const MODULE: BackendModule = {
  protocol: "echo",
  parameters: ["prefix", "header.*"],
  createBackend: () => new FakeBackend(),
};

/** A loader of which imports give what stands here. */
function loaderOf(modules: Record<string, unknown>): { loader: BackendLoader; imported: string[] } {
  const imported: string[] = [];
  const importModule = (url: string) => {
    imported.push(url);
    const module = modules[url];
    return module === undefined
      ? Promise.reject(new Error("Not found"))
      : Promise.resolve({ default: module });
  };
  return { loader: new BackendLoader({ base: "file:///etc/pmmux/", importModule }), imported };
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `loader: ${name}`, permissions: "none", fn });
}

test("without options, modules of this package are known, and those that are registered", async () => {
  const loader = new BackendLoader();
  loader.register("echo", MODULE);
  assertStrictEquals(await loader.load("echo"), MODULE);
  assertEquals((await loader.load("noop")).protocol, "noop");
});

test("a short name is a module of this package, loaded once and only when it is wanted", async () => {
  const { loader, imported } = loaderOf({});
  assertEquals((await loader.load("noop")).protocol, "noop");
  assertStrictEquals(await loader.load("noop"), await loader.load("noop"));
  assertEquals(imported, []);
});

test("a URL or a path is a module of somebody else, relative to the working directory", async () => {
  const urls = [
    "https://example.com/echo.ts",
    "jsr:@example/echo",
    "npm:echo@1",
    "file:///etc/pmmux/echo.ts",
  ];
  const { loader, imported } = loaderOf(Object.fromEntries(urls.map((url) => [url, MODULE])));
  for (const protocol of [...urls.slice(0, 3), "./echo.ts"]) {
    assertStrictEquals(await loader.load(protocol), MODULE);
    await loader.load(protocol);
  }
  assertEquals(imported, urls);
});

test("a registered module is found by its name", async () => {
  const { loader } = loaderOf({});
  loader.register("echo", MODULE);
  const backend = await loader.create(parseBackendSpec("a:echo:prefix=x"), CONTEXT);
  assertEquals(backend.constructor, FakeBackend);
});

test("an unknown name is an error with the nearest right one", async () => {
  const { loader } = loaderOf({});
  await assertRejects(
    () => loader.load("pas"),
    Error,
    'Unknown backend protocol "pas", did you mean "pass"? (or give a module: its URL, or a path that begins with ./, ../ or /)',
  );
});

test("a module that cannot be loaded, or is none, is an error that names it", async () => {
  const { loader } = loaderOf({ "file:///etc/pmmux/none.ts": { protocol: "none" } });
  await assertRejects(
    () => loader.load("./gone.ts"),
    Error,
    'Cannot load backend module "./gone.ts": Not found',
  );
  await assertRejects(
    () => loader.load("./none.ts"),
    Error,
    'Cannot use "./none.ts" as a backend module: its default export has no createBackend function',
  );
});

test("a module that failed to load is tried again the next time", async () => {
  const modules: Record<string, unknown> = {};
  const { loader } = loaderOf(modules);
  await assertRejects(() => loader.load("./late.ts"));
  modules["file:///etc/pmmux/late.ts"] = MODULE;
  assertStrictEquals(await loader.load("./late.ts"), MODULE);
});

test("parameters are those of the module, the matchers and what every backend has; others are errors", async () => {
  const { loader } = loaderOf({});
  loader.register("echo", MODULE);
  const right =
    "a:echo:prefix=1,header.x=2,priority=vip,passive-failures=1,remote-ip!=10.0.0.0/8,property[x]=y";
  await loader.create(parseBackendSpec(right), CONTEXT);
  await assertRejects(
    () => loader.create(parseBackendSpec("a:echo:prefx=1"), CONTEXT),
    Error,
    'unknown parameter "prefx", did you mean "prefix"?',
  );
  await assertRejects(
    () => loader.create(parseBackendSpec("a:echo:remote-port-range=1"), CONTEXT),
    Error,
    'unknown parameter "remote-port-range"',
  );
});

test("a module that says nothing about its parameters takes all", async () => {
  const { loader } = loaderOf({});
  loader.register("any", { ...MODULE, parameters: undefined });
  await loader.create(parseBackendSpec("a:any:whatever=1"), CONTEXT);
});

test("what takes neither connections nor messages is no backend", async () => {
  const { loader } = loaderOf({});
  const info = new FakeBackend().info;
  const createBackend = () => ({ info, [Symbol.asyncDispose]: () => Promise.resolve() });
  loader.register("nothing", { protocol: "nothing", createBackend });
  await assertRejects(
    () => loader.create(parseBackendSpec("a:nothing:"), CONTEXT),
    Error,
    'Cannot use backend "a": nothing takes neither connections nor messages',
  );
});

Deno.test("loader: a working directory may have any name", () => {
  const before = Deno.cwd();
  const parent = Deno.makeTempDirSync();
  const directory = `${parent}/a #1 100%25 ? ü`;
  Deno.mkdirSync(directory);
  try {
    Deno.chdir(directory);
    assertEquals(fileURLToPath(new URL("./x.ts", workingDirectory())), `${directory}/x.ts`);
  } finally {
    Deno.chdir(before);
    Deno.removeSync(parent, { recursive: true });
  }
});
