import { assertEquals } from "@std/assert";
import { LogMetricSink } from "../../lib/telemetry/log_metric_sink.ts";
import { MetricsReporter } from "../../lib/telemetry/metrics.ts";
import { recordingLogger } from "./recording_logger.ts";

Deno.test({
  name: "metrics show at information, under their own category",
  permissions: "none",
  fn() {
    const logger = recordingLogger();
    const reporter = new MetricsReporter();
    reporter.counter("client.egress.bytes", { backend: "web" }).add(1500);
    reporter.duration("router.message.selection.duration", {}).record(2);
    reporter.duration("router.message.selection.duration", {}).record(1);
    new LogMetricSink(logger).receive(reporter.families());
    assertEquals(logger.records, [
      {
        level: "info",
        category: "metrics",
        message: "client.egress.bytes",
        fields: { value: 1500, backend: "web" },
      },
      {
        level: "info",
        category: "metrics",
        message: "router.message.selection.duration",
        fields: { count: 2, mean_ms: 1.5 },
      },
    ]);
  },
});

Deno.test({
  name: "only what changed since the last time is logged",
  permissions: "none",
  fn() {
    const logger = recordingLogger();
    const reporter = new MetricsReporter();
    const sink = new LogMetricSink(logger);
    const web = reporter.counter("client.egress.bytes", { backend: "web" });
    reporter.counter("client.egress.bytes", { backend: "ssh" }).add(1);
    reporter.duration("router.message.selection.duration", {});
    sink.receive(reporter.families());
    sink.receive(reporter.families());
    web.add(9);
    sink.receive(reporter.families());
    assertEquals(logger.records.map(({ fields }) => fields), [
      { value: 1, backend: "ssh" },
      { value: 9, backend: "web" },
    ]);
  },
});
