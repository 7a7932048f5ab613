/**
 * The endpoint that Prometheus scrapes: `--metrics-port` and `--metrics-bind-address`.
 *
 * @module
 */

import { exposition, PROMETHEUS_CONTENT_TYPE } from "./prometheus.ts";
import type { MetricsReporter } from "./metrics.ts";

/** Where the endpoint listens. */
export interface MetricsServerOptions {
  /** An address of this host. */
  readonly hostname: string;
  /** The port; 0 for one that the system chooses. */
  readonly port: number;
}

/** An endpoint that listens until it is disposed. */
export interface MetricsServer extends AsyncDisposable {
  /** The port it listens on. */
  readonly port: number;
}

/**
 * Serves `GET /metrics`. Throws what listening throws, such as {@linkcode Deno.errors.AddrInUse}.
 *
 * @example
 * ```ts
 * import { MetricsReporter } from "./metrics.ts";
 * import { serveMetrics } from "./metrics_server.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = serveMetrics(new MetricsReporter(), { hostname: "127.0.0.1", port: 0 });
 * const response = await fetch(`http://127.0.0.1:${server.port}/metrics`);
 * assertEquals([response.status, await response.text()], [200, ""]);
 * ```
 */
export function serveMetrics(reporter: MetricsReporter, options: MetricsServerOptions): MetricsServer {
  const { hostname, port } = options;
  const closing = new AbortController();
  const server = Deno.serve(
    { hostname, port, signal: closing.signal, onListen() {} },
    (request) => answer(request, reporter),
  );
  return {
    port: server.addr.port,
    async [Symbol.asyncDispose]() {
      closing.abort();
      await server.finished;
    },
  };
}

function answer(request: Request, reporter: MetricsReporter): Response {
  // The Host header makes part of the URL, so a client can make it one that does not parse.
  if (URL.parse(request.url)?.pathname !== "/metrics") return new Response("Not found\n", { status: 404 });
  if (request.method !== "GET" && request.method !== "HEAD") {
    return new Response("Method not allowed\n", { status: 405, headers: { allow: "GET, HEAD" } });
  }
  return new Response(exposition(reporter.families()), {
    headers: { "content-type": PROMETHEUS_CONTENT_TYPE },
  });
}
