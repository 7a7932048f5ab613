import { assert, assertEquals, assertRejects } from "@std/assert";
import { parseBackendSpec } from "../../lib/config/backend_spec.ts";
import { BackendLoader } from "../../lib/engine/loader.ts";
import { Multiplexer } from "../../lib/engine/multiplexer.ts";
import { passTo, startMultiplexer } from "../net/harness.ts";
import { exchange, readAll, readExactly, writeAll } from "../support/conversation.ts";
import { eventually } from "../support/eventually.ts";
import { withFakeTimers } from "../support/fake_timers.ts";
import { startGreetingServer } from "../support/servers.ts";
import { bytesOf } from "../support/verdicts.ts";
import { assertAlive, greeted, HELLO, LONG, names, record } from "./changes.ts";

Deno.test("backends: one that is added is last in order, and its name is taken", async () => {
  await using pmmux = await startMultiplexer({ backends: ["a:noop:local-port=1"] });
  const happened = record(pmmux.multiplexer);
  await pmmux.multiplexer.addBackend(parseBackendSpec("b:noop:"));
  assertEquals([names(pmmux.multiplexer), happened], [["a", "b"], ["+b"]]);
  await assertRejects(
    () => pmmux.multiplexer.addBackend(parseBackendSpec("b:noop:detect=ssh")),
    Error,
    'Cannot add backend "b": there is one of that name',
  );
});

Deno.test("backends: one that replaces another takes its place; the old one's connections go on", async () => {
  await using old = startGreetingServer("old");
  await using fresh = startGreetingServer("new");
  await using pmmux = await startMultiplexer({ backends: [passTo(old, "a"), "b:noop:"], drainTimeout: LONG });
  using client = await greeted(pmmux.port, "old");
  await pmmux.multiplexer.replaceBackend(parseBackendSpec(passTo(fresh, "a")));
  using other = await greeted(pmmux.port, "new");
  await assertAlive(client);
  assertEquals(names(pmmux.multiplexer), ["a", "b", "a"]);
  assertEquals(pmmux.multiplexer.backends.at(-1)?.health.state, "Draining");
  await assertAlive(other);
  await assertRejects(() => pmmux.multiplexer.replaceBackend(parseBackendSpec("x:noop:")), Error, '"x"');
});

Deno.test("backends: one that cannot be built does not replace another", async () => {
  await using server = startGreetingServer("!");
  await using pmmux = await startMultiplexer({ backends: [passTo(server, "a")] });
  await assertRejects(() => pmmux.multiplexer.replaceBackend(parseBackendSpec("a:pass:target.port=1")));
  (await greeted(pmmux.port, "!")).close();
});

Deno.test("backends: one that is removed takes nothing more, and is gone when its connections are", async () => {
  await using server = startGreetingServer("!");
  await using pmmux = await startMultiplexer({
    backends: [passTo(server, "a"), "b:noop:"],
    drainTimeout: LONG,
  });
  const happened = record(pmmux.multiplexer);
  using client = await greeted(pmmux.port, "!");
  let isGone = false;
  const removed = pmmux.multiplexer.removeBackend("a").then(() => isGone = true);
  assertEquals(await exchange(pmmux.port, HELLO).catch(() => new Uint8Array()), new Uint8Array());
  await assertAlive(client);
  assertEquals([isGone, happened], [false, []]);
  await client.closeWrite();
  await readAll(client);
  await removed;
  assertEquals(happened, ["-a"]);
  await assertRejects(() => pmmux.multiplexer.removeBackend("a"), Error, 'There is no backend "a"');
});

for (const options of [{ force: true }, { deadline: 50 }]) {
  Deno.test(`backends: removal with ${JSON.stringify(options)} closes what is left`, async () => {
    await using server = startGreetingServer("!");
    await using pmmux = await startMultiplexer({ backends: [passTo(server, "a")], drainTimeout: LONG });
    using client = await greeted(pmmux.port, "!");
    await pmmux.multiplexer.removeBackend("a", options);
    assertEquals(pmmux.observer.ends, ["backend removed"]);
    assertEquals(await readAll(client), new Uint8Array());
    assertEquals(pmmux.multiplexer.backends, []);
  });
}

Deno.test("backends: a connection that is still being made is closed with its backend", async () => {
  const asked = Promise.withResolvers<AbortSignal>();
  await using pmmux = await startMultiplexer({
    backends: ["slow:slow:"],
    fakes: {
      slow: {
        connect: (_client, signal) => {
          asked.resolve(signal);
          return new Promise(() => {});
        },
      },
    },
    connectTimeout: LONG,
  });
  using client = await Deno.connect({ hostname: "127.0.0.1", port: pmmux.port });
  const signal = await asked.promise;
  await pmmux.multiplexer.removeBackend("slow", { force: true });
  assert(signal.aborted);
  assertEquals(pmmux.multiplexer.connections, []);
  assertEquals(await readAll(client), new Uint8Array());
});

Deno.test("backends: a client whose choice is open goes to what replaced the backend meanwhile", async () => {
  await using fresh = startGreetingServer("new");
  await using pmmux = await startMultiplexer({
    backends: ["old:noop:payload=hello"],
    silenceTimeout: LONG,
    selectionTimeout: LONG,
  });
  using client = await Deno.connect({ hostname: "127.0.0.1", port: pmmux.port });
  await eventually(() => pmmux.multiplexer.connections.length === 1);
  await pmmux.multiplexer.apply({
    ...pmmux.multiplexer.config,
    backends: [parseBackendSpec(`${passTo(fresh, "new")},payload=hello`)],
  });
  await writeAll(client, HELLO);
  assertEquals(await readExactly(client, 8), bytesOf("newhello"));
});

Deno.test("backends: one whose disposal fails is gone all the same", async () => {
  await using pmmux = await startMultiplexer({
    backends: ["a:broken:"],
    fakes: { broken: { dispose: () => Promise.reject("no reason") } },
  });
  const happened = record(pmmux.multiplexer);
  await pmmux.multiplexer.removeBackend("a");
  assertEquals(happened, ["-a"]);
});

for (const thrown of ["no such target", undefined, { code: 7 }]) {
  Deno.test(`backends: what a module throws, here ${JSON.stringify(thrown)}, is an error that names the backend`, async () => {
    const loader = new BackendLoader({ base: import.meta.url });
    loader.register("odd", { protocol: "odd", createBackend: () => Promise.reject(thrown) });
    await using multiplexer = new Multiplexer({ backends: [parseBackendSpec("a:odd:")] }, { loader });
    await assertRejects(() => multiplexer.start(), Error, `Cannot use backend "a": ${thrown}`);
  });
}

Deno.test("backends: one that never stops keeps nobody from anything", async () => {
  await withFakeTimers(async (clock) => {
    const endless = { dispose: () => new Promise<void>(() => {}) };
    const { multiplexer } = await startMultiplexer({
      backends: ["a:endless:"],
      bindings: [],
      fakes: { endless },
    });
    const happened = record(multiplexer);
    const removal = multiplexer.removeBackend("a");
    await clock.advance(3900);
    assertEquals(happened, []);
    await clock.advance(200);
    await removal;
    assertEquals(happened, ["-a"]);
    await multiplexer.stop();
  });
});
