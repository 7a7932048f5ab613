import {
  assert,
  assertEquals,
  assertNotStrictEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import type { Distribution } from "../../lib/telemetry/instruments.ts";
import type { MetricDefinition } from "../../lib/telemetry/metric_names.ts";
import { MetricsReporter } from "../../lib/telemetry/metrics.ts";
import { recordingLogger } from "./recording_logger.ts";

const WEB = { backend: "web", protocol: "pass", network_protocol: "tcp" };
const SSH = { ...WEB, backend: "ssh" };

/** The series of one metric as `label values → value`. */
function valuesOf(reporter: MetricsReporter, name: string): Record<string, unknown> {
  const family = reporter.families().find((family) => family.definition.name === name);
  const entries = family?.series.map(({ labels, value }) => [Object.values(labels).join(" "), value]);
  return Object.fromEntries(entries ?? []);
}

Deno.test({
  name: "the same labels in any order give the same instrument, other labels another one",
  permissions: "none",
  fn() {
    const reporter = new MetricsReporter();
    const first = reporter.counter("backend.connection.accepted", WEB);
    const { backend, protocol, network_protocol } = WEB;
    const again = reporter.counter("backend.connection.accepted", { network_protocol, protocol, backend });
    assertStrictEquals(again, first);
    assertNotStrictEquals(reporter.counter("backend.connection.accepted", SSH), first);
  },
});

Deno.test({
  name: "a label that is missing is empty, and neither it nor one too many passes the type checker",
  permissions: "none",
  fn() {
    const reporter = new MetricsReporter();
    // @ts-expect-error `reason` is missing, `client` is no label of the metric.
    reporter.event("router.connection.failed", { strategy: "random", client: "192.0.2.1" });
    assertEquals(reporter.families()[0]?.series[0]?.labels, { strategy: "random", reason: "" });
  },
});

Deno.test({
  name: "label values that look alike when joined are kept apart",
  permissions: "none",
  fn() {
    const reporter = new MetricsReporter();
    const one = reporter.counter("router.connection.failed", { strategy: 'a","b', reason: "c" });
    const other = reporter.counter("router.connection.failed", { strategy: "a", reason: 'b","c' });
    assertNotStrictEquals(one, other);
  },
});

Deno.test({
  name: "families list what every instrument holds",
  permissions: "none",
  fn() {
    const reporter = new MetricsReporter();
    reporter.counter("backend.connection.accepted", WEB).add(3);
    reporter.event("backend.connection.accepted", SSH);
    reporter.gauge("backend.connections.active", WEB).set(2);
    reporter.duration("backend.probe.duration", WEB).record(0.3);
    assertEquals(valuesOf(reporter, "backend.connection.accepted"), { "web pass tcp": 3, "ssh pass tcp": 1 });
    assertEquals(valuesOf(reporter, "backend.connections.active"), { "web pass tcp": 2 });
    const probe = valuesOf(reporter, "backend.probe.duration")["web pass tcp"] as Distribution;
    assertEquals([probe.count, probe.sum], [1, 0.3]);
  },
});

Deno.test({
  name: "what was captured does not change afterwards",
  permissions: "none",
  fn() {
    const reporter = new MetricsReporter();
    const probe = reporter.duration("backend.probe.duration", WEB);
    const captured = reporter.families();
    probe.record(1);
    const distribution = captured[0]?.series[0]?.value as Distribution;
    assertEquals([distribution.count, Array.from(distribution.counts).every((count) => count === 0)], [
      0,
      true,
    ]);
  },
});

Deno.test({
  name: "nothing that was counted is lost, whoever captures meanwhile",
  permissions: "none",
  fn() {
    const reporter = new MetricsReporter();
    const counter = reporter.counter("client.egress.bytes", { backend: "web" });
    for (let chunk = 1; chunk <= 10_000; chunk++) {
      counter.add(chunk);
      if (chunk % 100 === 0) reporter.families();
    }
    assertEquals(valuesOf(reporter, "client.egress.bytes"), { web: 10_000 * 10_001 / 2 });
  },
});

Deno.test({
  name: "an observed gauge is asked at every capture, until its observer is disposed",
  permissions: "none",
  fn() {
    const reporter = new MetricsReporter();
    let active = 7;
    const observed = reporter.observe("backend.connections.active", WEB, () => active);
    assertEquals(valuesOf(reporter, "backend.connections.active"), { "web pass tcp": 7 });
    active = 8;
    assertEquals(valuesOf(reporter, "backend.connections.active"), { "web pass tcp": 8 });
    observed[Symbol.dispose]();
    assertEquals(valuesOf(reporter, "backend.connections.active"), { "web pass tcp": 0 });
  },
});

Deno.test({
  name: "an observer that is disposed late does not silence its successor",
  permissions: "none",
  fn() {
    const reporter = new MetricsReporter();
    const old = reporter.observe("backend.status", WEB, () => 5);
    reporter.observe("backend.status", WEB, () => 1);
    old[Symbol.dispose]();
    assertEquals(valuesOf(reporter, "backend.status"), { "web pass tcp": 1 });
  },
});

Deno.test({
  name: "a gauge that cannot be read is left out, and logged once",
  permissions: "none",
  fn() {
    const logger = recordingLogger();
    const reporter = new MetricsReporter({ logger });
    reporter.observe("backend.status", WEB, () => {
      throw new Error("gone");
    });
    reporter.gauge("backend.status", SSH).set(1);
    assertEquals(valuesOf(reporter, "backend.status"), { "ssh pass tcp": 1 });
    reporter.families();
    assertEquals(logger.records.length, 1);
    assertEquals(logger.records[0]?.fields.metric, "backend.status");
  },
});

Deno.test({
  name: "series beyond the bound are summed up as other, with one warning a metric",
  permissions: "none",
  fn() {
    const logger = recordingLogger();
    const reporter = new MetricsReporter({ maxSeries: 3, logger });
    for (let index = 0; index < 10; index++) {
      reporter.event("router.message.routed", { backend: `b${index}` });
    }
    reporter.event("router.message.routed", { backend: "b0" });
    assertEquals(valuesOf(reporter, "router.message.routed"), { b0: 2, b1: 1, b2: 1, other: 7 });
    assertEquals(logger.records.map(({ level, fields }) => [level, fields]), [
      ["warn", { metric: "router.message.routed", limit: 3 }],
    ]);
  },
});

Deno.test({
  name: "2,000 series a metric fit unless told otherwise",
  permissions: "none",
  fn() {
    const reporter = new MetricsReporter();
    for (let index = 0; index <= 2000; index++) {
      reporter.event("router.message.routed", { backend: String(index) });
    }
    const values = valuesOf(reporter, "router.message.routed");
    assertEquals(Object.keys(values).length, 2001);
    assertEquals(values.other, 1);
  },
});

Deno.test({
  name: "forgetting a backend drops its series in every metric and no others",
  permissions: "none",
  fn() {
    const reporter = new MetricsReporter();
    for (const labels of [WEB, SSH]) {
      reporter.event("backend.connection.accepted", labels);
      reporter.gauge("backend.status", labels).set(1);
    }
    reporter.forget({ backend: "web" });
    assertEquals(Object.keys(valuesOf(reporter, "backend.connection.accepted")), ["ssh pass tcp"]);
    assertEquals(Object.keys(valuesOf(reporter, "backend.status")), ["ssh pass tcp"]);
    assertEquals(reporter.counter("backend.connection.accepted", WEB).value, 0);
  },
});

Deno.test({
  name: "metrics of others are given by their definition",
  permissions: "none",
  fn() {
    const definition: MetricDefinition = {
      name: "guest.started",
      type: "counter",
      category: "sandbox",
      help: "Guests started",
      unit: "1",
      labels: ["backend"],
    };
    const reporter = new MetricsReporter();
    reporter.counter(definition, { backend: "echo" }).add();
    assertEquals(valuesOf(reporter, "guest.started"), { echo: 1 });
    const message = 'Cannot use metric "guest.started" as a gauge: it is a counter';
    assertThrows(() => reporter.gauge(definition, { backend: "echo" }), TypeError, message);
  },
});

Deno.test({
  name: "work is measured whether it succeeds or fails",
  permissions: "none",
  async fn() {
    let time = 100;
    const reporter = new MetricsReporter({ now: () => time });
    const duration = reporter.duration("backend.health_check.duration", WEB);
    const result = await reporter.measure(duration, () => {
      time += 20;
      return "ok";
    });
    assertEquals(result, "ok");
    const failing = async () => {
      time += 5;
      await Promise.resolve();
      throw new Error("refused");
    };
    await assertRejects(() => reporter.measure(duration, failing), Error, "refused");
    assertEquals([duration.count, duration.sum], [2, 25]);
  },
});

Deno.test({
  name: "a reporter that nothing was reported to lists nothing",
  permissions: "none",
  fn() {
    assert(new MetricsReporter().families().length === 0);
  },
});
