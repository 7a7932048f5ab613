import { assertEquals, assertRejects } from "@std/assert";
import { parseBackendSpec } from "../../lib/config/backend_spec.ts";
import { parseBindingSpec } from "../../lib/config/binding_spec.ts";
import { parseHealthCheckSpec } from "../../lib/config/health_check_spec.ts";
import { Multiplexer } from "../../lib/engine/multiplexer.ts";
import { configOf, makeMultiplexer, passTo, startMultiplexer, TCP, UDP } from "../net/harness.ts";
import { UdpClient } from "../net/udp_client.ts";
import { exchange, readExactly } from "../support/conversation.ts";
import { eventually } from "../support/eventually.ts";
import { accepts } from "../support/ports.ts";
import { startEchoServer, startGreetingServer } from "../support/servers.ts";
import { recordingLogger } from "../telemetry/recording_logger.ts";
import { HELLO, names, record } from "./changes.ts";

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
    bindings: [TCP, UDP],
    fakes: { fake: { check: () => Promise.resolve({ healthy, reason: "so it says" }) } },
    healthChecks: [parseHealthCheckSpec("fake:interval=10,failure-threshold=1,recovery-threshold=2")],
  });
  const { multiplexer } = pmmux;
  const changes: string[] = [];
  multiplexer.events.on("healthChanged", ({ backend: { networkProtocol, health }, before }) => {
    changes.push(`${networkProtocol} ${before.state} ${health.state}`);
  });
  const isState = (state: string) =>
    eventually(() => multiplexer.backends.slice(0, 2).every(({ health }) => health.state === state));
  await isState("Unhealthy");
  assertEquals(await exchange(pmmux.port, HELLO), HELLO);
  assertEquals(multiplexer.backends[0]?.health.reason, "so it says");
  healthy = true;
  await isState("Healthy");
  assertEquals(await exchange(pmmux.port, HELLO), new Uint8Array());
  const { checked } = pmmux.built[0]!;
  await eventually(() => pmmux.built[0]!.checked > checked + 6);
  assertEquals(changes.toSorted(), [
    "tcp Stabilizing Healthy",
    "tcp Unhealthy Stabilizing",
    "tcp Unknown Unhealthy",
    "udp Stabilizing Healthy",
    "udp Unhealthy Stabilizing",
    "udp Unknown Unhealthy",
  ]);
});

Deno.test("health: only what clients can reach is checked, as listeners come and go", async () => {
  await using pmmux = await startMultiplexer({
    backends: ["a:fake:"],
    fakes: { fake: { check: () => Promise.resolve({ healthy: true }) } },
    healthChecks: [parseHealthCheckSpec("fake:interval=10,recovery-threshold=1")],
  });
  const { multiplexer } = pmmux;
  const isHealthy = (...states: string[]) =>
    eventually(() => multiplexer.backends.every(({ health }, i) => health.state === states[i]));
  const checksOver = async (transport: string) => {
    let seen = 0;
    const end = multiplexer.events.on("healthChecked", ({ backend: { networkProtocol } }) => {
      if (networkProtocol === transport) seen++;
      else seen = -Infinity;
    });
    await eventually(() => seen > 5);
    end();
  };
  await isHealthy("Healthy", "Unknown");
  await checksOver("tcp");
  const udp = await multiplexer.addListener(parseBindingSpec(UDP)[0]!);
  await isHealthy("Healthy", "Healthy");
  await multiplexer.removeListener(multiplexer.listeners[0]!);
  await isHealthy("Unknown", "Healthy");
  await checksOver("udp");
  await multiplexer.removeListener(udp);
  await checksOver("udp");
  assertEquals(multiplexer.backends.map(({ health }) => health.state), ["Unknown", "Healthy"]);
});

Deno.test("a stopped multiplexer accepts no more", async () => {
  const pmmux = await startMultiplexer({});
  await pmmux[Symbol.asyncDispose]();
  assertEquals(await accepts(pmmux.port), false);
});

Deno.test("health: the sessions of a backend end when it becomes unhealthy, not with every check after", async () => {
  let healthy = true;
  await using pmmux = await startMultiplexer({
    backends: ["sick:fake:"],
    bindings: [UDP],
    fakes: { fake: { check: () => Promise.resolve({ healthy }) } },
    healthChecks: [parseHealthCheckSpec("fake:interval=10,failure-threshold=1,recovery-threshold=1")],
  });
  await using client = new UdpClient();
  const hasSession = () => eventually(() => pmmux.multiplexer.connections.length === 1);
  await client.send(HELLO, pmmux);
  await hasSession();
  healthy = false;
  await eventually(() => pmmux.observer.ends.length === 1);
  await client.send(HELLO, pmmux);
  await hasSession();
  const { checked } = pmmux.built[0]!;
  await eventually(() => pmmux.built[0]!.checked > checked + 6);
  assertEquals(pmmux.observer.ends, ["backend unhealthy"]);
  assertEquals(pmmux.multiplexer.connections.length, 1);
});

Deno.test("listeners: none is opened for a binding that says not to listen", async () => {
  await using pmmux = await startMultiplexer({ bindings: [] });
  const [binding] = parseBindingSpec("8080:?:tcp:listen=false");
  await assertRejects(() => pmmux.multiplexer.addListener(binding!), Error, "listen=false");
  assertEquals(pmmux.multiplexer.listeners, []);
});

Deno.test("observer: one that throws, rejects or knows little costs no connection", async () => {
  const logger = recordingLogger();
  const observer = {
    accepted: () => {
      throw new Error("broken");
    },
    closed: () => Promise.reject(new Error("later")) as never,
  };
  await using echo = startEchoServer();
  await using multiplexer = new Multiplexer(configOf({ backends: [passTo(echo)] }), { observer, logger });
  await multiplexer.start();
  for (let i = 0; i < 2; i++) {
    const answer = await exchange(multiplexer.listeners[0]!.port, new TextEncoder().encode("hello"));
    assertEquals(new TextDecoder().decode(answer), "hello");
  }
  await eventually(() => logger.records.length === 2);
  assertEquals(logger.records.map(({ message, fields }) => [message, fields.method, fields.reason]), [
    ["the observer failed", "accepted", "broken"],
    ["the observer failed", "closed", "later"],
  ]);
});
