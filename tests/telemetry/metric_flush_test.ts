import { assertEquals } from "@std/assert";
import { MetricFlush } from "../../lib/telemetry/metric_flush.ts";
import type { MetricSink } from "../../lib/telemetry/metric_sink.ts";
import { MetricsReporter } from "../../lib/telemetry/metrics.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { recordingLogger } from "./recording_logger.ts";

/** The time of a fake clock, as a flush takes it. */
function timeOf(clock: FakeClock) {
  const every = (callback: () => void, milliseconds: number): Disposable => {
    const id = clock.setInterval(callback, milliseconds);
    return { [Symbol.dispose]: () => clock.clearInterval(id) };
  };
  return { now: clock.now, every };
}

/** A sink that keeps the sum of all series and the time, and what it shall answer. */
function recordingSink(name: string, answer: () => void | Promise<void> = () => {}) {
  const received: [number, number][] = [];
  const sink: MetricSink = {
    name,
    receive(families, capturedAt) {
      const values = families.flatMap((family) => family.series.map((series) => series.value as number));
      received.push([values.reduce((sum, value) => sum + value, 0), capturedAt]);
      return answer();
    },
  };
  return { sink, received };
}

Deno.test({
  name: "sinks receive the metrics and the time of capture at every interval",
  permissions: "none",
  async fn() {
    const clock = new FakeClock(1000);
    const { sink, received } = recordingSink("one");
    const reporter = new MetricsReporter();
    const total = reporter.counter("router.message.total", {});
    await using _flush = new MetricFlush(reporter, { sinks: [sink], interval: 500, ...timeOf(clock) });
    total.add(3);
    await clock.advance(500);
    total.add(4);
    await clock.advance(499);
    assertEquals(received, [[3, 1500]]);
    await clock.advance(1);
    assertEquals(received, [[3, 1500], [7, 2000]]);
  },
});

Deno.test({
  name: "disposing stops the interval and delivers the last counts",
  permissions: "none",
  async fn() {
    const clock = new FakeClock(1);
    const { sink, received } = recordingSink("one");
    const reporter = new MetricsReporter();
    {
      await using _flush = new MetricFlush(reporter, { sinks: [sink], ...timeOf(clock) });
      reporter.event("router.message.total", {});
    }
    assertEquals(received, [[1, 1]]);
    assertEquals(clock.pending, 0);
  },
});

Deno.test({
  name: "a sink that fails is named in the log once, called again, and keeps nobody from receiving",
  permissions: "none",
  async fn() {
    const logger = recordingLogger();
    const rejecting = recordingSink("collector", () => Promise.reject(new Error("unreachable")));
    const throwing = recordingSink("file", () => {
      throw new Error("disk full");
    });
    const well = recordingSink("log");
    const sinks = [rejecting.sink, throwing.sink, well.sink];
    const flush = new MetricFlush(new MetricsReporter(), { sinks, logger, ...timeOf(new FakeClock()) });
    for (let count = 0; count < 3; count++) await flush.flush();
    assertEquals([rejecting, throwing, well].map(({ received }) => received.length), [3, 3, 3]);
    assertEquals(logger.records.map(({ level, fields }) => [level, fields.sink]).toSorted(), [
      ["warn", "collector"],
      ["warn", "file"],
    ]);
  },
});

Deno.test({
  name: "a slow sink is not called again before it is done, and holds up nobody else",
  permissions: "none",
  async fn() {
    const clock = new FakeClock();
    const { promise, resolve } = Promise.withResolvers<void>();
    const slow = recordingSink("slow", () => promise);
    const fast = recordingSink("fast");
    const sinks = [slow.sink, fast.sink];
    const flush = new MetricFlush(new MetricsReporter(), { sinks, interval: 100, ...timeOf(clock) });
    await clock.advance(300);
    assertEquals([slow.received.length, fast.received.length], [1, 3]);
    resolve();
    await flush[Symbol.asyncDispose]();
    assertEquals([slow.received.length, fast.received.length], [2, 4]);
  },
});

Deno.test({
  name: "without a clock of its own the interval runs on a timer that is cleared at the end",
  permissions: "none",
  async fn() {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { sink } = recordingSink("one", resolve);
    const keepAlive = setTimeout(() => {}, 60_000);
    const flush = new MetricFlush(new MetricsReporter(), { sinks: [sink], interval: 1 });
    await promise;
    await flush[Symbol.asyncDispose]();
    clearTimeout(keepAlive);
  },
});
