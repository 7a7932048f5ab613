import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { parseBackendSpec } from "../../lib/config/backend_spec.ts";
import { parseHealthCheckSpec } from "../../lib/config/health_check_spec.ts";
import { configOf, passTo, type Setup, startMultiplexer, TCP } from "../net/harness.ts";
import { UdpClient } from "../net/udp_client.ts";
import { readExactly } from "../support/conversation.ts";
import { eventually } from "../support/eventually.ts";
import { countSockets } from "../support/fds.ts";
import { freePort } from "../support/ports.ts";
import { startGreetingServer, startUdpEchoServer } from "../support/servers.ts";
import { bytesOf } from "../support/verdicts.ts";
import { assertAlive, greeted, LONG, names, record } from "./changes.ts";

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
    ["a module that cannot be loaded", { backends: ["new:noop:", "b:./gone.ts:"] }, /\/gone\.ts"/],
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

Deno.test("apply: an address that cannot be listened on ends no session of another, nor moves a chosen port", async () => {
  await using echo = startUdpEchoServer();
  await using client = new UdpClient();
  const setup = { backends: [passTo(echo)], bindings: ["!:?:udp"] };
  await using pmmux = await startMultiplexer(setup);
  const { multiplexer, observer } = pmmux;
  const { listeners } = multiplexer;
  await client.ask(bytesOf("hello"), pmmux);
  const happened = record(multiplexer);
  for (const port of ["?", pmmux.port]) {
    const bindings = [`!:${port}:udp:bind-address=192.0.2.1`];
    await assertRejects(() => multiplexer.apply(configOf({ ...setup, bindings })), Error, "no such address");
  }
  assertEquals([multiplexer.listeners, happened, observer.ends], [listeners, [], []]);
});

Deno.test("apply: a binding that is given twice has two listeners, whatever changes", async () => {
  await using pmmux = await startMultiplexer({});
  const { multiplexer } = pmmux;
  const [binding] = multiplexer.config.portBindings;
  await multiplexer.addListener(binding!);
  await multiplexer.addListener(binding!);
  await multiplexer.addBackend(parseBackendSpec("new:noop:"));
  assertEquals(multiplexer.listeners.length, 3);
  await multiplexer.apply({ portBindings: [binding!, binding!] });
  assertEquals([multiplexer.listeners.length, multiplexer.config.portBindings.length], [2, 2]);
  await multiplexer.removeListener(multiplexer.listeners[0]!);
  assertEquals([multiplexer.listeners.length, multiplexer.config.portBindings.length], [1, 1]);
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

for (const networkProtocol of ["tcp", "udp"] as const) {
  const bindingOf = (port: number, address: string) => `!:${port}:${networkProtocol}:bind-address=${address}`;

  Deno.test(`apply: a ${networkProtocol} listener changes between one address and all of them`, async () => {
    await using pmmux = await startMultiplexer({ bindings: [] });
    const { multiplexer } = pmmux;
    const port = freePort();
    for (const address of ["0.0.0.0", "127.0.0.1", "0.0.0.0"]) {
      await multiplexer.apply(configOf({ bindings: [bindingOf(port, address)] }));
      assertEquals(multiplexer.listeners, [{ networkProtocol, address, port }]);
    }
  });

  Deno.test(`apply: a ${networkProtocol} listener that made way for nothing is open again`, async () => {
    const port = freePort();
    await using pmmux = await startMultiplexer({ bindings: [bindingOf(port, "0.0.0.0")] });
    const { multiplexer } = pmmux;
    const { listeners, config } = multiplexer;
    const wanted = configOf({ bindings: [bindingOf(port, "127.0.0.1"), bindingOf(port, "192.0.2.1")] });
    await assertRejects(() => multiplexer.apply(wanted), Error, "this host has no such address");
    assertEquals([multiplexer.listeners, multiplexer.config], [listeners, config]);
  });

  Deno.test(`apply: a ${networkProtocol} listener that stays is not called another program's`, async () => {
    const port = freePort();
    await using pmmux = await startMultiplexer({ bindings: [bindingOf(port, "127.0.0.1")] });
    const bindings = [bindingOf(port, "127.0.0.1"), bindingOf(port, "0.0.0.0")];
    const message =
      `Cannot listen on ${networkProtocol} 0.0.0.0:${port}: this program listens on ${networkProtocol} 127.0.0.1:${port}`;
    await assertRejects(() => pmmux.multiplexer.apply(configOf({ bindings })), Error, message);
  });
}

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
