import { assert, assertEquals, assertRejects } from "@std/assert";
import { exchange, readAll, readExactly, writeAll } from "./conversation.ts";
import { eventually } from "./eventually.ts";
import { countFds, countSockets } from "./fds.ts";
import { accepts, freePort } from "./ports.ts";
import { startEchoServer, startGreetingServer, startSinkServer, startUdpEchoServer } from "./servers.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

Deno.test("the echo server gives a large message back and sees the client's end", async () => {
  await using server = startEchoServer();
  const message = new Uint8Array(300_000).map((_, i) => i % 251);
  assertEquals(await exchange(server.port, message), message);
  assertEquals(server.accepted, 1);
  await eventually(() => server.open === 0, { what: "the connection to close" });
});

Deno.test("the greeting server speaks first", async () => {
  await using server = startGreetingServer("220 hello\r\n");
  using connection = await Deno.connect({ port: server.port });
  assertEquals(decoder.decode(await readExactly(connection, 11)), "220 hello\r\n");
  await writeAll(connection, encoder.encode("QUIT"));
  await connection.closeWrite();
  assertEquals(decoder.decode(await readAll(connection)), "QUIT");
});

Deno.test("the sink server keeps what each connection sent and answers nothing", async () => {
  await using server = startSinkServer();
  assertEquals((await exchange(server.port, encoder.encode("one"))).byteLength, 0);
  assertEquals((await exchange(server.port, encoder.encode("two"))).byteLength, 0);
  assertEquals(server.received.map((bytes) => decoder.decode(bytes)), ["one", "two"]);
});

Deno.test("the UDP echo server sends a datagram back", async () => {
  await using server = startUdpEchoServer();
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  try {
    await socket.send(encoder.encode("ping"), { transport: "udp", hostname: "127.0.0.1", port: server.port });
    const [message] = await socket.receive();
    assertEquals(decoder.decode(message), "ping");
  } finally {
    socket.close();
  }
});

Deno.test("a disposed server closes its connections and leaves no descriptor open", async () => {
  const before = { fds: countFds(), sockets: countSockets() };
  const server = startEchoServer();
  {
    using connection = await Deno.connect({ port: server.port });
    await writeAll(connection, encoder.encode("x"));
    await readExactly(connection, 1);
    assertEquals(countSockets(), before.sockets + 3);
    await server[Symbol.asyncDispose]();
    assertEquals((await readAll(connection)).byteLength, 0);
  }
  assertEquals({ fds: countFds(), sockets: countSockets() }, before);
});

Deno.test("a free port accepts nobody", async () => {
  const port = freePort();
  assert(!await accepts(port));
  assert(freePort("udp") > 0);
});

Deno.test("waiting in vain says what for and why", async () => {
  const probe = (): boolean => {
    throw new Error("still closed");
  };
  const error = await assertRejects(
    () => eventually(probe, { timeout: 30, what: "the door to open" }),
    Error,
    "the door to open",
  );
  assertEquals((error.cause as Error).message, "still closed");
});
