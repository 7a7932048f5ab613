import { assert, assertEquals } from "@std/assert";
import { exchange, readAll, readExactly, writeAll } from "../support/conversation.ts";
import { eventually } from "../support/eventually.ts";
import { startEchoServer, startGreetingServer, startSinkServer, startTcpServer } from "../support/servers.ts";
import { bytesOf } from "../support/verdicts.ts";
import { passTo, startMultiplexer, TCP } from "./harness.ts";

const HELLO = bytesOf("hello");

function connect(port: number, hostname = "127.0.0.1"): Promise<Deno.TcpConn> {
  return Deno.connect({ hostname, port });
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

Deno.test("tcp: pass carries both directions and counts what the other side took", async () => {
  await using echo = startEchoServer();
  await using pmmux = await startMultiplexer({ backends: [passTo(echo)] });
  assertEquals(await exchange(pmmux.port, HELLO), HELLO);
  await eventually(() => pmmux.observer.ends.length === 1);
  const [connection] = pmmux.observer.closedConnections;
  assertEquals([connection?.bytesIn, connection?.bytesOut, connection?.end], [5, 5, "client closed"]);
  assertEquals(pmmux.multiplexer.connections, []);
  const [backend] = pmmux.multiplexer.backends;
  assertEquals([backend?.routed, backend?.activeConnections], [1, 0]);
});

Deno.test("tcp: a server that speaks first is heard although the client says nothing", async () => {
  await using server = startGreetingServer("220 ready\r\n");
  await using pmmux = await startMultiplexer({ backends: [passTo(server)], silenceTimeout: 60_000 });
  using client = await connect(pmmux.port);
  assertEquals(textOf(await readExactly(client, 11)), "220 ready\r\n");
  await writeAll(client, HELLO);
  assertEquals(await readExactly(client, 5), HELLO);
});

Deno.test("tcp: a Unix socket is a target", async () => {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/target.sock`;
  using listener = Deno.listen({ transport: "unix", path });
  const served = listener.accept().then(async (connection) => {
    await writeAll(connection, await readAll(connection));
    connection.close();
  });
  await using pmmux = await startMultiplexer({ backends: [`unix:pass:target.path=${path}`] });
  assertEquals(await exchange(pmmux.port, HELLO), HELLO);
  await served;
  await Deno.remove(directory, { recursive: true });
});

Deno.test("tcp: a host name is a target, whichever of its addresses listens", async () => {
  await using echo = startEchoServer();
  const backends = [`name:pass:target.host=localhost,target.port=${echo.port}`];
  await using pmmux = await startMultiplexer({ backends });
  assertEquals(await exchange(pmmux.port, HELLO), HELLO);
});

Deno.test("tcp: IPv6 in front and behind", async () => {
  using server = Deno.listen({ hostname: "::1", port: 0 });
  const served = server.accept().then(async (connection) => {
    await writeAll(connection, await readAll(connection));
    connection.close();
  });
  await using pmmux = await startMultiplexer({
    bindings: ['!:?:tcp:bind-address="::1"'],
    backends: [`six:pass:target.ip="::1",target.port=${server.addr.port},"remote-ip"="::1"`],
  });
  using client = await connect(pmmux.port, "::1");
  await writeAll(client, HELLO);
  await client.closeWrite();
  assertEquals(await readAll(client), HELLO);
  await served;
});

Deno.test("tcp: a dual-stack listener shows IPv4 clients with their IPv4 address", async () => {
  await using four = startGreetingServer("four");
  await using six = startGreetingServer("six!");
  await using pmmux = await startMultiplexer({
    bindings: ['!:?:tcp:bind-address="::"'],
    backends: [`${passTo(four, "four")},remote-ip=127.0.0.0/8,local-ip=127.0.0.1`, passTo(six, "six")],
  });
  for (const [hostname, expected] of [["127.0.0.1", "four"], ["::1", "six!"]] as const) {
    using client = await connect(pmmux.port, hostname);
    assertEquals(textOf(await readExactly(client, 4)), expected);
  }
  const [client] = pmmux.observer.acceptedConnections.map((connection) => connection.client);
  assertEquals([client?.local.address, client?.remote.address], ["127.0.0.1", "127.0.0.1"]);
});

Deno.test("tcp: local-ip is the address that the client called, also behind a wildcard", async () => {
  await using first = startGreetingServer("first");
  await using second = startGreetingServer("other");
  await using pmmux = await startMultiplexer({
    bindings: ["!:?:tcp"],
    backends: [`${passTo(first, "first")},local-ip=127.0.0.2`, passTo(second, "second")],
  });
  for (const [hostname, expected] of [["127.0.0.2", "first"], ["127.0.0.1", "other"]] as const) {
    using client = await connect(pmmux.port, hostname);
    assertEquals(textOf(await readExactly(client, 5)), expected);
  }
});

Deno.test("tcp: several listeners share the backends, which tell them apart by local-port", async () => {
  await using first = startGreetingServer("first");
  await using second = startGreetingServer("other");
  await using pmmux = await startMultiplexer({ bindings: [TCP, TCP, "!:?:tcp:bind-address=127.0.0.2"] });
  const [one, two, three] = pmmux.multiplexer.listeners;
  for (const spec of [`${passTo(first, "first")},local-port=${one!.port}`, passTo(second, "second")]) {
    await pmmux.multiplexer.addBackend(
      (await import("../../lib/config/backend_spec.ts")).parseBackendSpec(spec),
    );
  }
  for (
    const [{ address, port }, expected] of [[one!, "first"], [two!, "other"], [three!, "other"]] as const
  ) {
    using client = await connect(port, address);
    assertEquals(textOf(await readExactly(client, 5)), expected);
  }
});

Deno.test("tcp: a client that has said everything still gets the whole answer", async () => {
  await using server = startTcpServer(async (connection) => {
    const question = await readAll(connection);
    await writeAll(connection, bytesOf(`you said ${textOf(question)}`));
  });
  await using pmmux = await startMultiplexer({ backends: [passTo(server)] });
  assertEquals(textOf(await exchange(pmmux.port, HELLO)), "you said hello");
  await eventually(() => pmmux.observer.ends.length === 1);
  assertEquals(pmmux.observer.ends, ["client closed"]);
});

Deno.test("tcp: a server that has said everything still hears its client", async () => {
  const heard = Promise.withResolvers<string>();
  await using server = startTcpServer(async (connection) => {
    await writeAll(connection, bytesOf("bye"));
    await connection.closeWrite();
    heard.resolve(textOf(await readAll(connection)));
  });
  await using pmmux = await startMultiplexer({ backends: [passTo(server)] });
  using client = await connect(pmmux.port);
  assertEquals(textOf(await readAll(client)), "bye");
  await writeAll(client, HELLO);
  await client.closeWrite();
  assertEquals(await heard.promise, "hello");
  await eventually(() => pmmux.observer.ends.length === 1);
  assertEquals(pmmux.observer.ends, ["backend closed"]);
});

Deno.test("tcp: megabytes arrive whole in both directions at once", async () => {
  await using echo = startEchoServer();
  await using pmmux = await startMultiplexer({ backends: [passTo(echo)] });
  const bytes = new Uint8Array(8 * 1024 * 1024);
  for (let at = 0; at < bytes.length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  const answer = await exchange(pmmux.port, bytes);
  assertEquals(await digest(answer), await digest(bytes));
});

Deno.test("tcp: what was read to choose a backend is delivered first, and only once", async () => {
  await using sink = startSinkServer();
  await using pmmux = await startMultiplexer({
    backends: ["no:noop:detect=ssh", `${passTo(sink)},detect=http`],
  });
  const request = bytesOf(
    `POST / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(5000)}\r\n\r\n${"y".repeat(100_000)}`,
  );
  assertEquals(await exchange(pmmux.port, request), new Uint8Array());
  await eventually(() => sink.open === 0 && sink.received[0]?.length === request.length);
  assertEquals(await digest(sink.received[0]!), await digest(request));
});

Deno.test("tcp: noop closes the connection at once, and has carried it", async () => {
  await using pmmux = await startMultiplexer({ backends: ["nobody:noop:"] });
  using client = await connect(pmmux.port);
  assertEquals(await readAll(client), new Uint8Array());
  assertEquals(pmmux.observer.ends, ["closed by backend"]);
  assertEquals(pmmux.multiplexer.backends[0]?.routed, 1);
});

Deno.test("tcp: a connection that nobody wants is closed, and the reason is told", async () => {
  await using pmmux = await startMultiplexer({ backends: ["no:noop:remote-ip=10.0.0.0/8"] });
  using client = await connect(pmmux.port);
  assertEquals(await readAll(client), new Uint8Array());
  assertEquals(pmmux.observer.refusals, [
    { reason: "no_backend_selected", detail: "no backend wants the connection" },
  ]);
});

Deno.test("tcp: a backend module may speak with the client itself", async () => {
  const closed: string[] = [];
  const connection = () => {
    const chunks: Uint8Array[] = [bytesOf("> ")];
    let wake = () => {};
    let ended = false;
    return {
      async read(buffer: Uint8Array): Promise<number | null> {
        while (chunks.length === 0 && !ended) await new Promise<void>((resolve) => wake = resolve);
        const chunk = chunks.shift();
        if (chunk === undefined) return null;
        buffer.set(chunk);
        return chunk.length;
      },
      write(bytes: Uint8Array): Promise<number> {
        chunks.push(bytesOf(textOf(bytes.subarray(0, 2)).toUpperCase()));
        wake();
        return Promise.resolve(Math.min(2, bytes.length));
      },
      closeWrite: () => {
        ended = true;
        wake();
      },
      close: () => void closed.push("closed"),
    };
  };
  await using pmmux = await startMultiplexer({
    backends: ["own:upper:"],
    fakes: { upper: { connect: connection } },
  });
  assertEquals(textOf(await exchange(pmmux.port, HELLO)), "> HELLO");
  await eventually(() => pmmux.observer.ends.length === 1);
  assert(closed.length >= 1);
});

async function digest(bytes: Uint8Array): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes.slice())).toHex();
}
