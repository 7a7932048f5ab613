/**
 * What logs and metrics say of what was detected.
 */

import { assertEquals } from "@std/assert";
import type { Properties } from "../../lib/routing/client.ts";
import type { BackendStatus } from "../../lib/routing/routing_strategy.ts";
import type { ConnectionStatus } from "../../lib/routing/traffic.ts";
import { MetricsReporter } from "../../lib/telemetry/metrics.ts";
import { trafficLog } from "../../lib/telemetry/traffic_log.ts";
import { labelsOf, TrafficMetrics } from "../../lib/telemetry/traffic_metrics.ts";
import { recordingLogger } from "./recording_logger.ts";

const TLS = { detected: "tls", sni: "a.example" };

function connection(networkProtocol: "tcp" | "udp", learnt: Properties): ConnectionStatus {
  const spec = { name: "web", protocol: "pass", parameters: {} };
  return {
    networkProtocol,
    client: { local: { address: "192.0.2.1", port: 443 }, remote: { address: "192.0.2.7", port: 50_000 } },
    backend: { spec, networkProtocol } as Partial<BackendStatus>,
    learnt,
  } as ConnectionStatus;
}

Deno.test({
  name: "what was detected is a label of a metric, and a server name, which has no bound, is none",
  permissions: "none",
  fn() {
    const reporter = new MetricsReporter();
    const metrics = new TrafficMetrics({ reporter, strategy: () => "random" });
    metrics.accepted(connection("tcp", {}));
    const clients: Properties[] = [TLS, TLS, { detected: "ssh" }, {}];
    for (const learnt of clients) metrics.routed(connection("tcp", learnt), 1);
    metrics.routed(connection("udp", { detected: "dns" }), 1);
    const family = reporter.families().find(({ definition }) => definition.name === "router.client.detected");
    assertEquals(family?.series.map(({ labels, value }) => [labels, value]), [
      [{ backend: "web", network_protocol: "Tcp", detected: "tls" }, 2],
      [{ backend: "web", network_protocol: "Tcp", detected: "ssh" }, 1],
      [{ backend: "web", network_protocol: "Udp", detected: "dns" }, 1],
    ]);
  },
});

Deno.test({
  name: "a module's URL is a label without its secrets",
  permissions: "none",
  fn() {
    const spec = { name: "web", protocol: "https://me:hunter2@host/x.ts?token=hunter2", parameters: {} };
    const labels = labelsOf({ spec, networkProtocol: "tcp" } as BackendStatus);
    assertEquals(labels.protocol, "https://***@host/x.ts?token=***");
  },
});

Deno.test({
  name: "what is routed counts for the strategy in force, as what comes does",
  permissions: "none",
  fn() {
    const reporter = new MetricsReporter();
    let strategy = "random";
    const metrics = new TrafficMetrics({ reporter, strategy: () => strategy });
    const client = connection("tcp", {});
    for (const next of ["random", "ip-hash", "ip-hash"]) {
      strategy = next;
      metrics.accepted(client);
      metrics.routed(client, 1);
    }
    for (const name of ["router.connection.total", "router.connection.routed"]) {
      const family = reporter.families().find(({ definition }) => definition.name === name);
      const counted = family?.series.map(({ labels, value }) => [labels.strategy, value]);
      assertEquals(counted, [["random", 1], ["ip-hash", 2]], name);
    }
  },
});

Deno.test({
  name: "a backend that is not reached is told apart from one that takes no datagram",
  permissions: "none",
  fn() {
    const logger = recordingLogger();
    for (const networkProtocol of ["tcp", "udp"] as const) {
      const failed = connection(networkProtocol, {});
      trafficLog(logger).dialFailed(failed, failed.backend!, new Error("no"));
    }
    const told = logger.records.map(({ message, fields }) => [message, fields.backend, fields.reason]);
    assertEquals(told, [
      ["backend could not be reached", "web", "no"],
      ["backend did not take a datagram", "web", "no"],
    ]);
  },
});

Deno.test({
  name: "what was detected stands in the log, also of a client that nobody wants",
  permissions: "none",
  fn() {
    const logger = recordingLogger();
    trafficLog(logger).refused(connection("tcp", TLS), "no_backend_selected", "no backend wants it");
    trafficLog(logger).routed(connection("tcp", TLS), 1);
    const told = logger.records.map(({ fields }) => [fields.detected, fields.sni]);
    assertEquals(told, [["tls", "a.example"], ["tls", "a.example"]]);
  },
});
