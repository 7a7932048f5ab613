import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  DEFAULT_HEALTH_THRESHOLDS,
  type Health,
  HEALTH_STATE_NUMBERS,
  type HealthEvent,
  type HealthState,
  type HealthThresholds,
  isRoutable,
  nextHealth,
  selectHealthCheck,
  UNKNOWN_HEALTH,
} from "../../lib/routing/health.ts";

type Step = "success" | "failure" | "removed";

interface Expected {
  state: HealthState;
  routable: boolean;
  failures: number;
  successes: number;
}

/**
 * The reference: looks at the whole history anew and remembers nothing. Written from what the thresholds
 * are documented to mean, not from the transitions.
 */
function referenceHealth(history: readonly Step[], thresholds: HealthThresholds): Expected {
  const checks = history.slice(history.lastIndexOf("removed") + 1);
  const failures = runEndingAt(checks, { end: checks.length - 1, of: "failure" });
  const successes = runEndingAt(checks, { end: checks.length - 1, of: "success" });
  const excluded = isExcluded(checks, thresholds);
  const state = checks.length === 0
    ? "Unknown"
    : failures > 0
    ? excluded ? "Unhealthy" : "Degraded"
    : successes >= thresholds.recoveryThreshold
    ? "Healthy"
    : "Stabilizing";
  return { state, routable: !excluded, failures, successes };
}

/** Whether a run of enough failures was not followed by a run of enough successes. */
function isExcluded(checks: readonly Step[], thresholds: HealthThresholds): boolean {
  let lastDown = -1;
  let lastUp = -1;
  for (let end = 0; end < checks.length; end++) {
    if (runEndingAt(checks, { end, of: "failure" }) >= thresholds.failureThreshold) lastDown = end;
    if (runEndingAt(checks, { end, of: "success" }) >= thresholds.recoveryThreshold) lastUp = end;
  }
  return lastDown > lastUp;
}

function runEndingAt(checks: readonly Step[], { end, of }: { end: number; of: Step }): number {
  let length = 0;
  while (end - length >= 0 && checks[end - length] === of) length++;
  return length;
}

const EVENTS: Readonly<Record<Step, HealthEvent>> = {
  success: { type: "check-succeeded", at: 1 },
  failure: { type: "check-failed", at: 1, reason: "refused" },
  removed: { type: "checks-removed" },
};

function allThresholds(): HealthThresholds[] {
  const numbers = [1, 2, 3, 4];
  return numbers.flatMap((failureThreshold) =>
    numbers.map((recoveryThreshold) => ({ failureThreshold, recoveryThreshold }))
  );
}

function run(events: readonly HealthEvent[], thresholds?: HealthThresholds): Health {
  return events.reduce((health, event) => nextHealth(health, event, thresholds), UNKNOWN_HEALTH);
}

function describe(health: Health): Expected {
  return {
    state: health.state,
    routable: isRoutable(health),
    failures: health.consecutiveFailures,
    successes: health.consecutiveSuccesses,
  };
}

Deno.test({
  name: "health equals the reference model after every sequence of up to 8 results, for thresholds 1 to 4",
  permissions: "none",
  fn() {
    const steps: Step[] = ["success", "failure", "removed"];
    let compared = 0;
    for (const thresholds of allThresholds()) {
      const walk = (health: Health, history: Step[]): void => {
        const actual = describe(health);
        const expected = referenceHealth(history, thresholds);
        compared++;
        if (
          actual.state !== expected.state || actual.routable !== expected.routable ||
          actual.failures !== expected.failures || actual.successes !== expected.successes
        ) assertEquals(actual, expected, `after ${history.join(", ")} with ${JSON.stringify(thresholds)}`);
        if (history.length === 8) return;
        for (const step of steps) walk(nextHealth(health, EVENTS[step], thresholds), [...history, step]);
      };
      walk(UNKNOWN_HEALTH, []);
    }
    assertEquals(compared, 16 * (3 ** 9 - 1) / 2);
  },
});

Deno.test({
  name: "no sequence of up to 6 events of any kind breaks what the states promise",
  permissions: "none",
  fn() {
    const events: HealthEvent[] = [
      EVENTS.success,
      EVENTS.failure,
      EVENTS.removed,
      { type: "ejected", reason: "3 dials failed" },
      { type: "cooldown-over" },
      { type: "drain" },
      { type: "stop" },
    ];
    const thresholds = { failureThreshold: 2, recoveryThreshold: 2 };
    const walk = (health: Health, depth: number): void => {
      for (const event of events) {
        const next = nextHealth(health, event, thresholds);
        assertPromises(health, next, event);
        if (depth > 1) walk(next, depth - 1);
      }
    };
    walk(UNKNOWN_HEALTH, 6);
  },
});

function assertPromises(before: Health, after: Health, event: HealthEvent): void {
  const what = () => `${before.state} → ${after.state} on ${event.type}`;
  const routable = isRoutable(after);
  if (before.state === "Stopped") assert(after.state === "Stopped", what());
  if (before.state === "Draining") assert(after.state === "Draining" || after.state === "Stopped", what());
  if (["Unhealthy", "Draining", "Stopped"].includes(after.state)) assert(!routable, what());
  if (["Unknown", "Healthy", "Degraded"].includes(after.state)) assert(routable, what());
  if (after.state === "Healthy") {
    assert(after.reason === undefined && after.consecutiveFailures === 0, what());
  }
  const cameBack = !isRoutable(before) && routable;
  const mayBringBack = event.type === "check-succeeded" && after.state === "Healthy" ||
    event.type === "cooldown-over" && before.ejectedBy === "traffic" || event.type === "checks-removed";
  if (cameBack) assert(mayBringBack, what());
  assert(after.consecutiveFailures === 0 || after.consecutiveSuccesses === 0, what());
}

Deno.test({
  name: "with the defaults, two failed first checks degrade a backend and the third excludes it",
  permissions: "none",
  fn() {
    assertEquals(DEFAULT_HEALTH_THRESHOLDS, { failureThreshold: 3, recoveryThreshold: 5 });
    const states = [1, 2, 3].map((count) => run(Array(count).fill(EVENTS.failure)).state);
    assertEquals(states, ["Degraded", "Degraded", "Unhealthy"]);
  },
});

Deno.test({
  name: "an excluded backend is stabilizing but not routable until the recovery threshold",
  permissions: "none",
  fn() {
    const down = Array(3).fill(EVENTS.failure);
    const seen = [1, 2, 3, 4, 5].map((count) => {
      const health = run([...down, ...Array(count).fill(EVENTS.success)]);
      return [health.state, isRoutable(health)];
    });
    const rising = ["Stabilizing", false];
    assertEquals(seen, [rising, rising, rising, rising, ["Healthy", true]]);
  },
});

Deno.test({
  name: "a failure during recovery makes an excluded backend unhealthy, not degraded",
  permissions: "none",
  fn() {
    const health = run([...Array(3).fill(EVENTS.failure), EVENTS.success, EVENTS.failure]);
    assertEquals([health.state, isRoutable(health)], ["Unhealthy", false]);
  },
});

Deno.test({
  name: "a degraded backend that recovers stays routable all the time",
  permissions: "none",
  fn() {
    const health = run([EVENTS.failure, EVENTS.success]);
    assertEquals([health.state, isRoutable(health)], ["Stabilizing", true]);
  },
});

Deno.test({
  name: "traffic ejects a healthy backend, and the cooldown brings it back with nothing known",
  permissions: "none",
  fn() {
    const ejected = run([{ type: "ejected", reason: "3 dials failed" }]);
    assertEquals([ejected.state, ejected.reason, isRoutable(ejected)], [
      "Unhealthy",
      "3 dials failed",
      false,
    ]);
    const back = nextHealth(ejected, { type: "cooldown-over" });
    assertEquals([back.state, back.reason, isRoutable(back)], ["Unknown", undefined, true]);
  },
});

Deno.test({
  name: "successes from before an ejection by traffic do not count towards recovery",
  permissions: "none",
  fn() {
    const thresholds = { failureThreshold: 3, recoveryThreshold: 3 };
    const healthy = [EVENTS.success, EVENTS.success, EVENTS.success];
    const ejected: HealthEvent = { type: "ejected", reason: "reset" };
    const rising = run([...healthy, ejected, EVENTS.success, EVENTS.success], thresholds);
    assertEquals([rising.state, isRoutable(rising)], ["Stabilizing", false]);
    assertEquals(nextHealth(rising, EVENTS.success, thresholds).state, "Healthy");
  },
});

Deno.test({
  name: "a cooldown does not bring back a backend whose checks failed meanwhile",
  permissions: "none",
  fn() {
    const ejected: HealthEvent = { type: "ejected", reason: "reset" };
    const down = run([ejected, ...Array(3).fill(EVENTS.failure), { type: "cooldown-over" }]);
    assertEquals([down.state, isRoutable(down)], ["Unhealthy", false]);
    const doubtful = run([ejected, EVENTS.failure, { type: "cooldown-over" }]);
    assertEquals([doubtful.state, doubtful.reason, isRoutable(doubtful)], ["Degraded", "refused", true]);
  },
});

Deno.test({
  name: "each check leaves its time, and a failure its reason",
  permissions: "none",
  fn() {
    const failed = run([{ type: "check-failed", at: 500, reason: "connect timed out" }]);
    assertEquals([failed.lastCheck, failed.reason], [500, "connect timed out"]);
    const succeeded = nextHealth(failed, { type: "check-succeeded", at: 900 });
    assertEquals([succeeded.lastCheck, succeeded.reason], [900, undefined]);
  },
});

Deno.test({
  name: "a draining backend ignores its checks, and a stopped one everything",
  permissions: "none",
  fn() {
    const draining = run([EVENTS.success, { type: "drain" }]);
    assertStrictEquals(nextHealth(draining, EVENTS.failure), draining);
    assertStrictEquals(nextHealth(draining, EVENTS.removed), draining);
    const stopped = nextHealth(draining, { type: "stop" });
    assertEquals(stopped.state, "Stopped");
    assertStrictEquals(nextHealth(stopped, { type: "drain" }), stopped);
  },
});

Deno.test({
  name: "states are numbered as the status gauge has always reported them",
  permissions: "none",
  fn() {
    assertEquals(Object.entries(HEALTH_STATE_NUMBERS), [
      ["Unknown", 0],
      ["Healthy", 1],
      ["Unhealthy", 2],
      ["Degraded", 3],
      ["Stabilizing", 4],
      ["Draining", 5],
      ["Stopped", 6],
    ]);
  },
});

Deno.test({
  name: "the most specific health check applies, whatever the order they are written in",
  permissions: "none",
  fn() {
    const everything = {};
    const protocol = { protocol: "pass" };
    const name = { backend: "web" };
    const both = { protocol: "pass", backend: "web" };
    const web = { name: "web", protocol: "pass" };
    assertStrictEquals(selectHealthCheck([everything, protocol, name, both], web), both);
    assertStrictEquals(selectHealthCheck([both, name, protocol, everything], web), both);
    assertStrictEquals(selectHealthCheck([everything, protocol, name], web), name);
    assertStrictEquals(selectHealthCheck([everything, protocol], web), protocol);
    assertStrictEquals(selectHealthCheck([everything], web), everything);
  },
});

Deno.test({
  name: "a health check for another backend or protocol does not apply",
  permissions: "none",
  fn() {
    const web = { name: "web", protocol: "pass" };
    const others = [
      { protocol: "noop" },
      { backend: "ssh" },
      { protocol: "pass", backend: "ssh" },
      { protocol: "noop", backend: "web" },
      { protocol: "Pass" },
    ];
    assertEquals(selectHealthCheck(others, web), undefined);
  },
});

Deno.test({
  name: "of equally specific health checks the first applies",
  permissions: "none",
  fn() {
    const specs = [{ protocol: "pass", interval: 1 }, { protocol: "pass", interval: 2 }];
    assertStrictEquals(selectHealthCheck(specs, { name: "web", protocol: "pass" }), specs[0]);
  },
});
