import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { MetricsReporter } from "../../lib/telemetry/metrics.ts";
import { type MetricsServer, serveMetrics } from "../../lib/telemetry/metrics_server.ts";

const LOOPBACK = { hostname: "127.0.0.1", port: 0 };
const permissions = { net: ["127.0.0.1"] };

async function ask(server: MetricsServer, path: string, init?: RequestInit): Promise<[number, string]> {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, init);
  return [response.status, await response.text()];
}

/** Sends a request as it is written, and answers the status line. */
async function askRaw(server: MetricsServer, request: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  await connection.write(new TextEncoder().encode(request));
  const buffer = new Uint8Array(1024);
  const count = await connection.read(buffer);
  return new TextDecoder().decode(buffer.subarray(0, count ?? 0)).split("\r\n")[0] ?? "";
}

Deno.test({
  name: "GET /metrics answers the metrics as they stand now",
  permissions,
  async fn() {
    const reporter = new MetricsReporter();
    const total = reporter.counter("router.message.total", {});
    await using server = serveMetrics(reporter, LOOPBACK);
    for (const expected of [1, 2]) {
      total.add();
      const response = await fetch(`http://127.0.0.1:${server.port}/metrics`);
      assertEquals(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
      assertStringIncludes(await response.text(), `\npmmux_router_message_total ${expected}\n`);
    }
  },
});

Deno.test({
  name: "other paths are not found, other methods not allowed",
  permissions,
  async fn() {
    await using server = serveMetrics(new MetricsReporter(), LOOPBACK);
    assertEquals(await ask(server, "/"), [404, "Not found\n"]);
    assertEquals(await ask(server, "/metrics/../etc"), [404, "Not found\n"]);
    assertEquals(await ask(server, "/metrics", { method: "POST" }), [405, "Method not allowed\n"]);
    assertEquals(await ask(server, "/metrics?name=x", { method: "HEAD" }), [200, ""]);
  },
});

Deno.test({
  name: "a Host header that is no host does not break the answer",
  permissions,
  async fn() {
    await using server = serveMetrics(new MetricsReporter(), LOOPBACK);
    assertMatch(await askRaw(server, "GET /metrics HTTP/1.1\r\nHost: a b\r\n\r\n"), /^HTTP\/1.1 404 /);
    assertMatch(await askRaw(server, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"), /^HTTP\/1.1 200 /);
  },
});

Deno.test({
  name: "disposing closes the port at once, also with a client that never finishes its request",
  permissions,
  async fn() {
    const server = serveMetrics(new MetricsReporter(), LOOPBACK);
    using slow = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
    await slow.write(new TextEncoder().encode("GET /metr"));
    await ask(server, "/metrics");
    await server[Symbol.asyncDispose]();
    assertEquals(await slow.read(new Uint8Array(1)), null);
    await using again = serveMetrics(new MetricsReporter(), { ...LOOPBACK, port: server.port });
    assertEquals(again.port, server.port);
  },
});

Deno.test({
  name: "a port that is taken is an error",
  permissions,
  async fn() {
    await using server = serveMetrics(new MetricsReporter(), LOOPBACK);
    assertThrows(
      () => serveMetrics(new MetricsReporter(), { ...LOOPBACK, port: server.port }),
      Deno.errors.AddrInUse,
    );
  },
});
