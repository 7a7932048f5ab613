import { assertEquals } from "@std/assert";
import type { HealthCheckSpec } from "../../lib/config/types.ts";
import type { BuiltBackend } from "../../lib/engine/backend_set.ts";
import { HealthMonitor } from "../../lib/engine/monitor.ts";
import type { HealthCheckResult } from "../../lib/routing/backend.ts";
import { withFakeTimers } from "../support/fake_timers.ts";
import { recordingLogger } from "../telemetry/recording_logger.ts";
import { FakeBackend, type FakeBackendParts, fakeEntry } from "../routing/fake_backend.ts";

const SPEC: HealthCheckSpec = {
  initialDelay: 0,
  interval: 1000,
  timeout: 500,
  failureThreshold: 2,
  recoveryThreshold: 2,
  parameters: {},
};

type Built = BuiltBackend & { readonly backend: FakeBackend };

function built(parts: FakeBackendParts = {}): Built {
  const entry = fakeEntry(parts);
  return { spec: entry.spec, backend: entry.backend, entries: [entry] };
}

function states({ entries }: BuiltBackend): string[] {
  return entries.map(({ health }) => health.state);
}

function monitor(): HealthMonitor {
  return new HealthMonitor({ random: () => 0.5 });
}

function test(name: string, body: Parameters<typeof withFakeTimers>[0]): void {
  Deno.test({ name: `monitor: ${name}`, permissions: "none", fn: () => withFakeTimers(body) });
}

test("a backend is checked after the initial delay, then once an interval", async (clock) => {
  const backend = built();
  const health = monitor();
  health.update([{ ...SPEC, initialDelay: 300 }], [backend]);
  const counts: number[] = [];
  for (const milliseconds of [299, 1, 999, 1, 1000]) {
    await clock.advance(milliseconds);
    counts.push(backend.backend.checked);
  }
  assertEquals(counts, [0, 1, 1, 2, 3]);
  assertEquals(states(backend), ["Healthy"]);
  health.update([], []);
  assertEquals(clock.pending, 0);
});

test("a backend that cannot be checked is told of once, unless the check is for all backends", async (clock) => {
  const logger = recordingLogger();
  const health = new HealthMonitor({ logger });
  const { spec, entries } = built();
  const { info } = entries[0]!.backend;
  const backend = { info, [Symbol.asyncDispose]: () => Promise.resolve() };
  const uncheckable = [{ spec, backend, entries: [] }];
  health.update([SPEC], uncheckable);
  assertEquals(logger.records, []);
  for (let i = 0; i < 2; i++) health.update([{ ...SPEC, backend: "fake" }], uncheckable);
  assertEquals(logger.records.map(({ level, fields }) => [level, fields]), [
    ["warn", { backend: "fake", protocol: "fake" }],
  ]);
  await clock.advance(1000);
  assertEquals(clock.pending, 0);
});

test("failures and successes move it through the states, by the thresholds of the check", async (clock) => {
  const results: HealthCheckResult[] = [false, false, true, true, true].map((healthy) => ({ healthy }));
  const backend = built({ check: () => Promise.resolve(results.shift() ?? { healthy: true }) });
  const health = monitor();
  const seen: string[] = [];
  backend.entries[0]!.onHealth = ({ health }, before) => {
    if (health.state !== before.state) seen.push(health.state);
  };
  health.update([SPEC], [backend]);
  await clock.advance(5000);
  assertEquals(seen, ["Degraded", "Unhealthy", "Stabilizing", "Healthy"]);
  health.update([], [backend]);
});

test("a check that throws, rejects or takes too long has failed, and says why", async (clock) => {
  const checks: (() => Promise<HealthCheckResult>)[] = [
    () => {
      throw new Error("thrown");
    },
    () => Promise.reject(new Error("rejected")),
    () => new Promise(() => {}),
    () => Promise.resolve({ healthy: false, reason: "told" }),
    () => Promise.resolve({ healthy: false }),
  ];
  const reasons: unknown[] = [];
  const backend = built({ check: () => checks.shift()?.() ?? Promise.resolve({ healthy: true }) });
  backend.entries[0]!.onHealth = ({ health }) => reasons.push(health.reason);
  const health = monitor();
  health.update([SPEC], [backend]);
  await clock.advance(7000);
  assertEquals(reasons.slice(0, 5), ["thrown", "rejected", "no result within 500 ms", "told", "unhealthy"]);
  health.update([], [backend]);
});

test("the next check waits until the last one is over", async (clock) => {
  let running = 0;
  let most = 0;
  const backend = built({
    check: async () => {
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => setTimeout(resolve, 400));
      running--;
      return { healthy: true };
    },
  });
  const health = monitor();
  health.update([{ ...SPEC, interval: 100 }], [backend]);
  await clock.advance(5000);
  assertEquals([most, backend.backend.checked], [1, 11]);
  health.update([], []);
  await clock.advance(400);
  assertEquals(clock.pending, 0);
});

test("a check that is removed ends at once, also while it runs, and its result counts for nothing", async (clock) => {
  const result = Promise.withResolvers<HealthCheckResult>();
  const signals: AbortSignal[] = [];
  const backend = built({
    check: (_transport, signal) => {
      signals.push(signal);
      return result.promise;
    },
  });
  const health = monitor();
  health.update([SPEC], [backend]);
  await clock.advance(1);
  health.update([], [backend]);
  await clock.advance(0);
  assertEquals([signals[0]?.aborted, clock.pending], [true, 0]);
  result.resolve({ healthy: false });
  await clock.advance(10_000);
  assertEquals([states(backend), backend.backend.checked], [["Unknown"], 1]);
});

test("an unhealthy backend is unknown again when its check is removed", async (clock) => {
  const backend = built({ check: () => Promise.resolve({ healthy: false }) });
  const health = monitor();
  health.update([SPEC], [backend]);
  await clock.advance(3000);
  assertEquals(states(backend), ["Unhealthy"]);
  health.update([], [backend]);
  assertEquals(states(backend), ["Unknown"]);
});

test("a check that is given anew, but the same, is not disturbed", async (clock) => {
  const backend = built();
  const health = monitor();
  const given = () => health.update([structuredClone({ ...SPEC, initialDelay: 700 })], [backend]);
  given();
  for (let i = 0; i < 20; i++) {
    await clock.advance(100);
    given();
  }
  assertEquals(backend.backend.checked, 2);
  health.update([], []);
});

test("another check that applies now begins with its initial delay, and keeps what is known", async (clock) => {
  const backend = built({ check: () => Promise.resolve({ healthy: false }) });
  const health = monitor();
  health.update([SPEC], [backend]);
  await clock.advance(1500);
  health.update([{ ...SPEC, initialDelay: 5000 }], [backend]);
  await clock.advance(4999);
  assertEquals([backend.backend.checked, states(backend)], [2, ["Unhealthy"]]);
  await clock.advance(1);
  assertEquals(backend.backend.checked, 3);
  health.update([], []);
});

test("of several checks the most specific applies, and one that names another backend does not", async (clock) => {
  const [a, b] = [built({ name: "a", protocol: "fake" }), built({ name: "b", protocol: "fake" })];
  const health = monitor();
  health.update([
    { ...SPEC, initialDelay: 100 },
    { ...SPEC, initialDelay: 200, protocol: "fake" },
    { ...SPEC, initialDelay: 300, protocol: "fake", backend: "a" },
    { ...SPEC, initialDelay: 0, protocol: "other", backend: "b" },
  ], [a, b]);
  const counts: number[][] = [];
  for (const milliseconds of [199, 1, 99, 1]) {
    await clock.advance(milliseconds);
    counts.push([a.backend.checked, b.backend.checked]);
  }
  assertEquals(counts, [[0, 0], [0, 1], [0, 1], [1, 1]]);
  health.update([], []);
});

test("without a check, and for backends that know none, there is no timer", (clock) => {
  const backend = new FakeBackend();
  Object.defineProperty(backend, "healthCheck", { value: undefined });
  const health = monitor();
  health.update([], [built()]);
  assertEquals(clock.pending, 0);
  return Promise.resolve();
});
