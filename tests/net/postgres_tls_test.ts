/**
 * PostgreSQL by server name: pmmux grants the client's request for TLS, and repeats it to the backend.
 */

import { assertEquals } from "@std/assert";
import { SSL_REQUEST } from "../../lib/protocol/postgres.ts";
import { clientHello, tlsRecords } from "../support/client_hello.ts";
import { exchange, readExactly, writeAll } from "../support/conversation.ts";
import { startEchoServer, startTcpServer } from "../support/servers.ts";
import { passTo, startMultiplexer } from "./harness.ts";

/** A PostgreSQL server that answers a request for TLS so, and then echoes one ClientHello. */
function startPostgres(answer: "S" | "N") {
  return startTcpServer(async (conn) => {
    assertEquals(await readExactly(conn, 8), SSL_REQUEST);
    await writeAll(conn, new TextEncoder().encode(answer));
    if (answer === "S") await writeAll(conn, await readExactly(conn, hello("two").length));
    conn.close();
  });
}

function hello(name: string): Uint8Array {
  return tlsRecords(clientHello({ sni: `${name}.example` }));
}

async function ask(port: number): Promise<string> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  try {
    await writeAll(conn, SSL_REQUEST);
    assertEquals(await readExactly(conn, 1), new TextEncoder().encode("S"));
    await writeAll(conn, hello("two"));
    return (await readExactly(conn, hello("two").length)).length > 0 ? "echoed" : "closed";
  } catch {
    return "closed";
  } finally {
    conn.close();
  }
}

Deno.test("a PostgreSQL client reaches the server that its ClientHello names", async () => {
  await using right = await startPostgres("S");
  await using running = await startMultiplexer({
    backends: ["one:noop:postgres.sni=one.example", `${passTo(right, "two")},postgres.sni=two.example`],
  });
  assertEquals(await ask(running.port), "echoed");
  assertEquals(running.observer.routedConnections[0]?.properties.sni, "two.example");
});

Deno.test("a backend that does not offer TLS makes way for the next one", async () => {
  await using plain = await startPostgres("N");
  await using right = await startPostgres("S");
  await using running = await startMultiplexer({
    backends: [
      `${passTo(plain, "plain")},postgres.sni=two.example`,
      `${passTo(right, "right")},postgres.sni=two.example`,
    ],
  });
  assertEquals(await ask(running.port), "echoed");
  assertEquals(running.observer.routedConnections.map(({ backend }) => backend?.spec.name), ["right"]);
});

Deno.test("a PostgreSQL client cannot get a backend that knows nothing of it out of rotation", async () => {
  await using echo = startEchoServer();
  await using running = await startMultiplexer({
    backends: ["db:noop:postgres.sni=one.example", passTo(echo, "rest"), "last:noop"],
  });
  for (let i = 0; i < 5; i++) assertEquals(await ask(running.port), "closed");
  const text = new TextEncoder().encode("hello");
  assertEquals(await exchange(running.port, text), text);
});
