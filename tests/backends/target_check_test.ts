/**
 * How `pass` checks its target.
 */

import { assertEquals, assertRejects } from "@std/assert";
import { checkDatagram, checkStream } from "../../lib/backends/target_check.ts";
import { backendNetwork } from "../../lib/net/backend_network.ts";
import { restDeadlines } from "../../lib/net/deadlines.ts";
import type { HealthCheckResult } from "../../lib/routing/backend.ts";
import { readExactly, writeAll } from "../support/conversation.ts";
import { eventually } from "../support/eventually.ts";
import { countSockets } from "../support/fds.ts";
import { freePort } from "../support/ports.ts";
import {
  startEchoServer,
  startGreetingServer,
  startTcpServer,
  startUdpEchoServer,
} from "../support/servers.ts";

type Parameters = Readonly<Record<string, string>>;

async function check(port: number, parameters: Parameters = {}, signal = new AbortController().signal) {
  try {
    return await checkStream({ hostname: "127.0.0.1", port }, { net: backendNetwork, parameters, signal });
  } finally {
    restDeadlines();
  }
}

function checkUdp(port: number, parameters: Parameters, signal = new AbortController().signal) {
  return checkDatagram({ hostname: "127.0.0.1", port }, { net: backendNetwork, parameters, signal });
}

const WELL: HealthCheckResult = { healthy: true };

Deno.test("a target that accepts a connection is well, one that refuses is not", async () => {
  await using server = startEchoServer();
  assertEquals(await check(server.port), WELL);
  await assertRejects(() => check(freePort()), Deno.errors.ConnectionRefused);
});

Deno.test("a greeting that fits the expectation is enough, wherever it stands", async () => {
  await using server = startGreetingServer("220 mail.example ESMTP ready\r\n");
  assertEquals(await check(server.port, { expect: "ESMTP" }), WELL);
});

Deno.test("a wrong pattern is named by its parameter", async () => {
  await assertRejects(() => check(freePort(), { expect: "(" }), SyntaxError, 'expect: "(" is not a pattern');
});

Deno.test("what is sent may hold escapes, and the answer is waited for in pieces", async () => {
  await using server = startTcpServer(async (conn) => {
    const asked = new TextDecoder().decode(await readExactly(conn, 6));
    for (const part of asked === "PING\r\n" ? ["+PO", "NG\r\n"] : ["-ERR"]) {
      await writeAll(conn, new TextEncoder().encode(part));
    }
    conn.close();
  });
  assertEquals(await check(server.port, { send: "PING\\r\\n", expect: "\\+PONG" }), WELL);
});

Deno.test("an answer that does not fit, and no answer, are told apart", async () => {
  await using wrong = startTcpServer(async (conn) => {
    await writeAll(conn, new TextEncoder().encode("-LOADING"));
    conn.close();
  });
  await using silent = startTcpServer((conn) => Promise.resolve(conn.close()));
  assertEquals(await check(wrong.port, { expect: "\\+PONG" }), {
    healthy: false,
    reason: "unexpected answer",
  });
  assertEquals(await check(silent.port, { expect: "x" }), {
    healthy: false,
    reason: "closed without an answer",
  });
});

Deno.test("a check that takes too long can be given up", async () => {
  await using server = startEchoServer();
  const controller = new AbortController();
  const checking = check(server.port, { expect: "never" }, controller.signal);
  setTimeout(() => controller.abort(), 20);
  await assertRejects(() => checking);
});

Deno.test("with tls=true the target has to complete a TLS handshake, whatever its certificate", async () => {
  await using plain = startGreetingServer("hello, no TLS here\r\n");
  await assertRejects(() => check(plain.port, { tls: "true" }));

  const read = (name: string) => Deno.readTextFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url));
  const listener = Deno.listenTls({
    hostname: "127.0.0.1",
    port: 0,
    cert: read("self_signed.crt"),
    key: read("self_signed.key"),
  });
  const serving = (async () => {
    const conn = await listener.accept();
    const buffer = new Uint8Array(16);
    await conn.write(buffer.subarray(0, await conn.read(buffer) ?? 0));
    conn.close();
  })();
  assertEquals(await check(listener.addr.port, { tls: "true", send: "echo", expect: "^echo$" }), WELL);
  await serving;
  listener.close();
});

Deno.test("UDP: a target is well when it answers as expected; without send there is nothing to ask", async () => {
  await using echo = startUdpEchoServer();
  assertEquals(await checkUdp(echo.port, { send: "are you there", expect: "there$" }), WELL);
  assertEquals(await checkUdp(echo.port, { send: "x", expect: "y" }), {
    healthy: false,
    reason: "unexpected answer",
  });
  assertEquals(await checkUdp(freePort("udp"), {}), WELL);
});

Deno.test("a check over UDP of a Unix socket has nothing to find out", async () => {
  const { signal } = new AbortController();
  const options = { net: backendNetwork, parameters: { send: "x" }, signal };
  assertEquals(await checkDatagram({ transport: "unix", path: "/nowhere" }, options), WELL);
});

Deno.test("UDP: silence lasts until the check is given up", async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 20);
  assertEquals(await checkUdp(freePort("udp"), { send: "x" }, controller.signal), {
    healthy: false,
    reason: "no answer",
  });
});

Deno.test("UDP: a check that was given up while the name was looked up keeps no socket", async () => {
  const before = countSockets();
  const late = () => checkUdp(freePort("udp"), { send: "hello" }, AbortSignal.abort());
  await assertRejects(late, DOMException, "aborted");
  await eventually(() => countSockets() === before);
});
