import { assert, assertEquals } from "@std/assert";
import { exchange, readAll, readExactly, writeAll } from "../support/conversation.ts";
import { eventually } from "../support/eventually.ts";
import { startEchoServer, startGreetingServer, startSinkServer } from "../support/servers.ts";
import { bytesOf } from "../support/verdicts.ts";
import { passTo, startMultiplexer } from "./harness.ts";

const REQUEST = bytesOf("GET / HTTP/1.1\r\nHost: web.example\r\n\r\n");
const LONG = 60_000;

function connect(port: number): Promise<Deno.TcpConn> {
  return Deno.connect({ hostname: "127.0.0.1", port });
}

Deno.test("selection: no byte is read when nobody needs one, so that all reach the backend as they came", async () => {
  await using sink = startSinkServer();
  await using pmmux = await startMultiplexer({
    backends: ["no:noop:local-port=1", passTo(sink), "later:noop:detect=http"],
    silenceTimeout: LONG,
    selectionTimeout: LONG,
  });
  using _client = await connect(pmmux.port);
  await eventually(() => sink.accepted === 1);
  assertEquals(pmmux.observer.routedConnections[0]?.properties.detected, undefined);
});

Deno.test("selection: a silent client gets the first backend that needs no bytes, after silence-timeout", async () => {
  await using smtp = startGreetingServer("220\r\n");
  await using pmmux = await startMultiplexer({
    backends: ["ssh:noop:detect=ssh", "web:noop:detect=http", passTo(smtp, "smtp")],
    silenceTimeout: 50,
    selectionTimeout: LONG,
  });
  using client = await connect(pmmux.port);
  assertEquals(await readExactly(client, 5), bytesOf("220\r\n"));
  await writeAll(client, REQUEST);
  assertEquals(await readExactly(client, REQUEST.length), REQUEST);
  assertEquals(pmmux.observer.routedConnections[0]?.backend?.spec.name, "smtp");
});

Deno.test("selection: a client that has begun to speak has until selection-timeout", async () => {
  await using sink = startSinkServer();
  await using pmmux = await startMultiplexer({
    backends: ["web:noop:detect=http", passTo(sink, "any")],
    silenceTimeout: 30,
    selectionTimeout: 300,
  });
  const began = performance.now();
  using client = await connect(pmmux.port);
  await writeAll(client, bytesOf("G"));
  await eventually(() => sink.received[0]?.length === 1);
  assert(performance.now() - began > 290);
});

Deno.test("selection: a client that sends one byte at a time goes where its whole request would", async () => {
  await using web = startSinkServer();
  await using pmmux = await startMultiplexer({
    backends: [
      "ssh:noop:detect=ssh",
      "other:noop:http.host=other.example",
      `${passTo(web)},http.host=*.example`,
    ],
    selectionTimeout: LONG,
    silenceTimeout: LONG,
  });
  using client = await connect(pmmux.port);
  for (const byte of REQUEST) await client.write(Uint8Array.of(byte));
  await client.closeWrite();
  assertEquals(await readAll(client), new Uint8Array());
  assertEquals(web.received, [REQUEST]);
  assertEquals(pmmux.observer.routedConnections[0]?.properties["http.host"], "web.example");
});

Deno.test("selection: a client that has said all it will goes to the fallback at once", async () => {
  await using echo = startEchoServer();
  await using pmmux = await startMultiplexer({
    backends: ["web:noop:detect=http", passTo(echo)],
    selectionTimeout: LONG,
    silenceTimeout: LONG,
  });
  assertEquals(await exchange(pmmux.port, bytesOf("GE")), bytesOf("GE"));
});

Deno.test("selection: a full preview is decided at once, and nothing of it is lost", async () => {
  await using sink = startSinkServer();
  const seen: number[] = [];
  await using pmmux = await startMultiplexer({
    backends: ["never:greedy:", passTo(sink)],
    fakes: {
      greedy: {
        judge: (bytes) => {
          seen.push(bytes.length);
          return "incomplete";
        },
      },
    },
    previewBufferLimit: 5000,
    selectionTimeout: LONG,
    silenceTimeout: LONG,
  });
  const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251);
  assertEquals(await exchange(pmmux.port, bytes), new Uint8Array());
  await eventually(() => sink.received[0]?.length === bytes.length);
  assertEquals(sink.received[0], bytes);
  assert(Math.max(...seen) === 5000, `${seen}`);
});

Deno.test("selection: by tier, a higher one that is undecided holds back a lower one that matches", async () => {
  await using web = startGreetingServer("web");
  await using rest = startGreetingServer("rest");
  await using pmmux = await startMultiplexer({
    backends: [`${passTo(rest, "rest")},priority=standby`, `${passTo(web, "web")},detect=http`],
    routingStrategy: "round-robin",
    silenceTimeout: 50,
    selectionTimeout: LONG,
  });
  using talker = await connect(pmmux.port);
  await writeAll(talker, REQUEST);
  assertEquals(await readExactly(talker, 3), bytesOf("web"));
  using silent = await connect(pmmux.port);
  assertEquals(await readExactly(silent, 4), bytesOf("rest"));
});

Deno.test("selection: what is learnt about a connection can be seen while it lives", async () => {
  await using echo = startEchoServer();
  await using pmmux = await startMultiplexer({ backends: [`${passTo(echo)},detect=http`] });
  using client = await connect(pmmux.port);
  await writeAll(client, REQUEST);
  await readExactly(client, REQUEST.length);
  const [connection] = pmmux.multiplexer.connections;
  const { properties, bytesIn, bytesOut, backend } = connection!;
  assertEquals([properties.detected, bytesIn, bytesOut], ["http1", REQUEST.length, REQUEST.length]);
  assertEquals([properties["socket.remote-ip"], backend?.spec.name], ["127.0.0.1", "target"]);
  connection!.close("by hand");
  assertEquals(await readAll(client), new Uint8Array());
  await eventually(() => pmmux.observer.ends.length === 1);
  assertEquals(pmmux.observer.ends, ["by hand"]);
});

Deno.test("selection: what is learnt about a connection that nobody wants can be seen, too", async () => {
  await using pmmux = await startMultiplexer({ backends: ["api:noop:http.host=api.example"] });
  await exchange(pmmux.port, REQUEST);
  const [refused] = pmmux.observer.refusedConnections;
  assertEquals(refused?.learnt["http.host"], "web.example");
});

Deno.test("selection: clients that wait do not delay others", async () => {
  await using echo = startEchoServer();
  await using pmmux = await startMultiplexer({
    backends: [`${passTo(echo)},detect=http`],
    silenceTimeout: LONG,
    selectionTimeout: LONG,
  });
  const waiting = await Promise.all(Array.from({ length: 50 }, () => connect(pmmux.port)));
  await Promise.all(waiting.map((client) => writeAll(client, bytesOf("GET "))));
  assertEquals(await exchange(pmmux.port, REQUEST), REQUEST);
  for (const client of waiting) client.close();
});
