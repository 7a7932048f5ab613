import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { parseBackendSpec } from "../../lib/config/backend_spec.ts";
import { parseBindingSpec } from "../../lib/config/binding_spec.ts";
import { parseHealthCheckSpec } from "../../lib/config/health_check_spec.ts";
import type { Multiplexer } from "../../lib/engine/multiplexer.ts";
import { configOf, makeMultiplexer, passTo, type Setup, startMultiplexer, TCP } from "../net/harness.ts";
import { exchange, readAll, readExactly, writeAll } from "../support/conversation.ts";
import { eventually } from "../support/eventually.ts";
import { countSockets } from "../support/fds.ts";
import { accepts, freePort } from "../support/ports.ts";
import { startEchoServer, startGreetingServer } from "../support/servers.ts";
import { bytesOf } from "../support/verdicts.ts";

const HELLO = bytesOf("hello");
const LONG = 60_000;

/** A client that has reached a backend which greets with this. */
async function greeted(port: number, greeting: string): Promise<Deno.TcpConn> {
  const client = await Deno.connect({ hostname: "127.0.0.1", port });
  assertEquals(await readExactly(client, greeting.length), bytesOf(greeting));
  return client;
}

/** Echoes over a connection that is open. */
async function assertAlive(client: Deno.TcpConn): Promise<void> {
  await writeAll(client, HELLO);
  assertEquals(await readExactly(client, HELLO.length), HELLO);
}

/** What happens, in order. */
function record({ events }: Multiplexer): string[] {
  const happened: string[] = [];
  events.on("backendAdded", ({ name }) => happened.push(`+${name}`));
  events.on("backendRemoved", ({ name }) => happened.push(`-${name}`));
  events.on("listenerAdded", ({ networkProtocol }) => happened.push(`+${networkProtocol}`));
  events.on("listenerRemoved", ({ networkProtocol }) => happened.push(`-${networkProtocol}`));
  events.on("healthCheckAdded", () => happened.push("+check"));
  events.on("healthCheckRemoved", () => happened.push("-check"));
  return happened;
}

function names({ backends }: Multiplexer): string[] {
  return backends.filter(({ networkProtocol }) => networkProtocol === "tcp").map(({ spec }) => spec.name);
}

Deno.test("apply: what stays keeps its connections, counts and sockets; the rest is swapped", async () => {
  await using kept = startGreetingServer("kept");
  await using old = startGreetingServer("old");
  await using fresh = startGreetingServer("new");
  const setup: Setup = {
    backends: [`${passTo(kept, "kept")},local-ip=127.0.0.1`, passTo(old, "swapped")],
    bindings: [TCP, "!:?:tcp:bind-address=127.0.0.2"],
    drainTimeout: LONG,
  };
  await using pmmux = await startMultiplexer(setup);
  const { multiplexer, port } = pmmux;
  const happened = record(multiplexer);
  const [, second] = multiplexer.listeners;
  using one = await greeted(port, "kept");
  using two = await Deno.connect({ hostname: "127.0.0.2", port: second!.port });
  await readExactly(two, 3);
  await multiplexer.apply(configOf({ ...setup, backends: [setup.backends![0]!, passTo(fresh, "swapped")] }));
  await assertAlive(one);
  await assertAlive(two);
  using three = await Deno.connect({ hostname: "127.0.0.2", port: second!.port });
  assertEquals(await readExactly(three, 3), bytesOf("new"));
  assertEquals(multiplexer.backends[0]?.routed, 1);
  assertEquals(multiplexer.backends[0]?.activeConnections, 1);
  assertEquals(happened, ["+swapped"]);
  await two.closeWrite();
  await eventually(() => happened.length === 2);
  assertEquals(happened, ["+swapped", "-swapped"]);
});

Deno.test("apply: backends are in the order of the configuration, whatever ran before", async () => {
  await using pmmux = await startMultiplexer({ backends: ["a:noop:", "b:noop:", "c:noop:"] });
  await pmmux.multiplexer.apply(configOf({ backends: ["c:noop:", "d:noop:", "a:noop:"] }));
  await eventually(() => names(pmmux.multiplexer).length === 3);
  assertEquals(names(pmmux.multiplexer), ["c", "d", "a"]);
});

for (
  const [what, change, message] of [
    ["a backend that cannot be built", { backends: ["a:noop:", "new:noop:", "b:pass:"] }, /"b".*target/],
    ["a module that cannot be loaded", { backends: ["new:noop:", "b:./gone.ts:"] }, /"\.\/gone\.ts"/],
    ["a matcher that is wrong", { backends: ["new:noop:remote-ip=x"] }, /"new".*remote-ip/],
    ["two backends of one name", { backends: ["a:noop:", "b:noop:", "b:noop:detect=ssh"] }, /"b"/],
    ["an unknown strategy", { backends: ["new:noop:"], routingStrategy: "fairest" }, /"fairest"/],
    ["a port that is taken", { backends: ["new:noop:"], taken: true }, /the port is taken/],
  ] as const
) {
  Deno.test(`apply: ${what} changes nothing`, async () => {
    const port = freePort();
    using _other = Deno.listen({ hostname: "127.0.0.1", port });
    await using server = startGreetingServer("!");
    const setup: Setup = { backends: [passTo(server, "a")], fakes: { own: {} } };
    await using pmmux = await startMultiplexer(setup);
    using client = await greeted(pmmux.port, "!");
    const { config, listeners } = pmmux.multiplexer;
    const sockets = countSockets();
    const happened = record(pmmux.multiplexer);
    const { taken, ...rest } = { taken: false, ...change };
    const bindings = taken ? [TCP, TCP, `!:${port}:tcp:bind-address=127.0.0.1`] : [TCP];
    const error = await assertRejects(() => pmmux.multiplexer.apply(configOf({ ...rest, bindings })), Error);
    assertMatch(error.message, message);
    assertEquals(pmmux.multiplexer.config, config);
    assertEquals(pmmux.multiplexer.listeners, listeners);
    assertEquals(names(pmmux.multiplexer), ["a"]);
    assertEquals(happened.filter((event) => !event.endsWith("tcp")), []);
    await eventually(() => countSockets() === sockets);
    await assertAlive(client);
    (await greeted(pmmux.port, "!")).close();
  });
}

Deno.test("apply: what was built for a change that fails is disposed", async () => {
  await using pmmux = await startMultiplexer({ fakes: { own: {} } });
  await assertRejects(() => pmmux.multiplexer.apply(configOf({ backends: ["a:own:", "b:own:", "c:pass:"] })));
  assertEquals(pmmux.built.map(({ disposed }) => disposed), [1, 1]);
});

Deno.test("apply: a listener on a port that the system chose stays, wherever its binding stands", async () => {
  await using server = startGreetingServer("!");
  await using pmmux = await startMultiplexer({ backends: [passTo(server)], bindings: [TCP] });
  const other = freePort();
  await pmmux.multiplexer.apply(
    configOf({ backends: [passTo(server)], bindings: [`!:${other}:tcp:bind-address=127.0.0.1`, TCP] }),
  );
  assertEquals(
    pmmux.multiplexer.listeners.map(({ port }) => port).toSorted(),
    [pmmux.port, other].toSorted(),
  );
  (await greeted(pmmux.port, "!")).close();
  await pmmux.multiplexer.apply(configOf({ backends: [passTo(server)], bindings: [TCP, TCP] }));
  const ports = pmmux.multiplexer.listeners.map(({ port }) => port);
  assert(ports.includes(pmmux.port) && !ports.includes(other) && ports.length === 2, `${ports}`);
});

Deno.test("apply: health checks that come and go are told", async () => {
  const [one, two] = ["fake:a:interval=50000", "fake:b:interval=50000"].map(parseHealthCheckSpec);
  await using pmmux = await startMultiplexer({
    backends: ["a:fake:"],
    fakes: { fake: {} },
    healthChecks: [one!],
  });
  const happened = record(pmmux.multiplexer);
  const { config } = pmmux.multiplexer;
  await pmmux.multiplexer.apply({ ...config, healthChecks: [structuredClone(one!), two!] });
  assertEquals(happened, ["+check"]);
  await pmmux.multiplexer.apply({ ...config, healthChecks: [two!] });
  assertEquals(happened, ["+check", "-check"]);
  assertEquals(await pmmux.multiplexer.addHealthCheck(structuredClone(two!)), false);
  assertEquals(await pmmux.multiplexer.addHealthCheck(one!), true);
  assertEquals(await pmmux.multiplexer.removeHealthCheck(structuredClone(two!)), true);
  assertEquals(await pmmux.multiplexer.removeHealthCheck(two!), false);
  assertEquals(happened, ["+check", "-check", "+check", "-check"]);
  assertEquals(pmmux.multiplexer.healthChecks, [one!]);
});

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

Deno.test("changes: they are made one after the other, in the order in which they were asked for", async () => {
  await using pmmux = await startMultiplexer({
    fakes: { slow: { initialize: () => new Promise((resolve) => setTimeout(resolve, 30)) } },
  });
  const { multiplexer } = pmmux;
  const happened = record(multiplexer);
  await Promise.all([
    multiplexer.addBackend(parseBackendSpec("a:slow:")),
    multiplexer.addBackend(parseBackendSpec("b:noop:")),
    multiplexer.replaceBackend(parseBackendSpec("a:noop:")),
    multiplexer.setRoutingStrategy("round-robin"),
    multiplexer.removeBackend("b"),
  ]);
  await eventually(() => happened.length === 5);
  assertEquals(happened.slice(0, 3), ["+a", "+b", "+a"]);
  assertEquals(names(multiplexer), ["a"]);
  assertEquals(multiplexer.config.routingStrategy, "round-robin");
});

Deno.test("changes: one that fails does not hold up the next", async () => {
  await using pmmux = await startMultiplexer({});
  const { multiplexer } = pmmux;
  const failing = assertRejects(() => multiplexer.addBackend(parseBackendSpec("a:pass:")));
  await multiplexer.addBackend(parseBackendSpec("b:noop:"));
  await failing;
  assertEquals(names(multiplexer), ["b"]);
});

Deno.test("changes: before the start and after the stop there are none", async () => {
  await using pmmux = makeMultiplexer({});
  const { multiplexer } = pmmux;
  const changes = [
    () => multiplexer.apply({}),
    () => multiplexer.addBackend(parseBackendSpec("a:noop:")),
    () => multiplexer.addListener(parseBindingSpec(TCP)[0]!),
    () => multiplexer.setRoutingStrategy("random"),
  ];
  for (const change of changes) await assertRejects(change, Error, "that was not started");
  await multiplexer.start();
  await assertRejects(() => multiplexer.start(), Error, "Cannot start a multiplexer that is started");
  await multiplexer.stop();
  for (const change of changes) await assertRejects(change, Error, "that has stopped");
  await assertRejects(() => multiplexer.start(), Error, "Cannot start a multiplexer that is stopped");
  assertEquals(multiplexer.listeners, []);
});

Deno.test("changes: a stop that comes during a start takes back what was started", async () => {
  await using pmmux = makeMultiplexer({
    backends: ["a:slow:"],
    fakes: { slow: { initialize: () => new Promise((resolve) => setTimeout(resolve, 30)) } },
  });
  const started = pmmux.multiplexer.start();
  await Promise.all([started, pmmux.multiplexer.stop()]);
  assertEquals([pmmux.multiplexer.listeners, pmmux.multiplexer.backends], [[], []]);
  assertEquals(pmmux.built[0]?.disposed, 1);
  await assertRejects(() => pmmux.multiplexer.apply({}), Error, "that has stopped");
});

Deno.test("strategies: a change of strategy holds for the next connection", async () => {
  await using a = startGreetingServer("a");
  await using b = startGreetingServer("b");
  await using pmmux = await startMultiplexer({ backends: [passTo(a, "a"), passTo(b, "b")] });
  const next = async () => {
    using client = await Deno.connect({ hostname: "127.0.0.1", port: pmmux.port });
    return String.fromCharCode(...await readExactly(client, 1));
  };
  assertEquals([await next(), await next()], ["a", "a"]);
  await pmmux.multiplexer.setRoutingStrategy("round-robin");
  assertEquals([await next(), await next(), await next()], ["a", "b", "a"]);
  await assertRejects(() => pmmux.multiplexer.setRoutingStrategy("round-robbin"), Error, "round-robin");
  assertEquals([await next(), await next()], ["b", "a"]);
});

Deno.test("strategies: a backend that comes or is replaced is not flooded by least-requests", async () => {
  await using a = startGreetingServer("a");
  await using b = startGreetingServer("b");
  await using c = startGreetingServer("c");
  await using pmmux = await startMultiplexer({
    backends: [passTo(a, "a"), passTo(b, "b")],
    routingStrategy: "least-requests",
  });
  const next = async () => {
    using client = await Deno.connect({ hostname: "127.0.0.1", port: pmmux.port });
    return String.fromCharCode(...await readExactly(client, 1));
  };
  for (let i = 0; i < 10; i++) await next();
  await pmmux.multiplexer.replaceBackend(parseBackendSpec(passTo(c, "b")));
  assertEquals([await next(), await next(), await next(), await next()], ["a", "c", "a", "c"]);
});

Deno.test("health: checks take a backend out and bring it back, over TCP and UDP", async () => {
  await using echo = startEchoServer();
  let healthy = false;
  await using pmmux = await startMultiplexer({
    backends: ["sick:fake:", passTo(echo)],
    fakes: { fake: { check: () => Promise.resolve({ healthy, reason: "so it says" }) } },
    healthChecks: [parseHealthCheckSpec("fake:interval=10,failure-threshold=1,recovery-threshold=2")],
  });
  const { multiplexer } = pmmux;
  const changes: string[] = [];
  multiplexer.events.on("healthChanged", ({ backend: { networkProtocol, health }, before }) => {
    if (health.state !== before.state) changes.push(`${networkProtocol} ${health.state}`);
  });
  const isState = (state: string) =>
    eventually(() => multiplexer.backends.slice(0, 2).every(({ health }) => health.state === state));
  await isState("Unhealthy");
  assertEquals(await exchange(pmmux.port, HELLO), HELLO);
  assertEquals(multiplexer.backends[0]?.health.reason, "so it says");
  healthy = true;
  await isState("Healthy");
  assertEquals(await exchange(pmmux.port, HELLO), new Uint8Array());
  assertEquals(changes.toSorted(), [
    "tcp Healthy",
    "tcp Stabilizing",
    "tcp Unhealthy",
    "udp Healthy",
    "udp Stabilizing",
    "udp Unhealthy",
  ]);
});

Deno.test("a stopped multiplexer accepts no more", async () => {
  const pmmux = await startMultiplexer({});
  await pmmux[Symbol.asyncDispose]();
  assertEquals(await accepts(pmmux.port), false);
});
