import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { fakeEntry } from "./fake_backend.ts";
import { inspectionOf } from "./inspections.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name: `backend entry: ${name}`, permissions: "none", fn });
}

const PASSIVE = { "passive-failures": "2", "passive-window": "1000", "passive-cooldown": "5000" };

test("failures of live traffic eject it until its cooldown is over", () => {
  let now = 0;
  const entry = fakeEntry({ parameters: PASSIVE }, { now: () => now });
  entry.trafficFailed("refused");
  assert(entry.routable);
  entry.trafficFailed("refused again");
  assertFalse(entry.routable);
  assert(entry.ejected);
  assertEquals([entry.health.state, entry.health.reason], ["Unhealthy", "refused again"]);
  now = 4999;
  assertFalse(entry.routable);
  now = 5000;
  assert(entry.routable);
  assertEquals(entry.health.state, "Unknown");
});

test("an answer ends its trial", () => {
  let now = 0;
  const entry = fakeEntry({ parameters: PASSIVE }, { now: () => now });
  const failTwice = () => [1, 2].forEach(() => entry.trafficFailed("refused"));
  failTwice();
  now = 5000;
  assert(entry.routable);
  entry.trafficSucceeded();
  entry.trafficFailed("refused");
  assert(entry.routable);
});

test("checks that find it well end an ejection by traffic", () => {
  const entry = fakeEntry({ parameters: PASSIVE }, { now: () => 0 });
  [1, 2].forEach(() => entry.trafficFailed("refused"));
  const thresholds = { failureThreshold: 3, recoveryThreshold: 2 };
  entry.transition({ type: "check-succeeded", at: 1 }, thresholds);
  assertFalse(entry.routable);
  entry.transition({ type: "check-succeeded", at: 2 }, thresholds);
  assert(entry.routable);
  entry.trafficFailed("refused");
  assert(entry.routable, "it is not on trial");
});

test("one that drains or has stopped takes nothing, not even for want of a better one", () => {
  const entry = fakeEntry({ parameters: PASSIVE }, { now: () => 0 });
  [1, 2].forEach(() => entry.trafficFailed("refused"));
  entry.transition({ type: "drain" });
  assertFalse(entry.routable || entry.ejected);
  entry.transition({ type: "stop" });
  assertFalse(entry.routable || entry.ejected);
  assertEquals(entry.health.state, "Stopped");
});

test("its listener is told of each change with what was before, and of nothing else", () => {
  let now = 0;
  const entry = fakeEntry({ parameters: PASSIVE }, { now: () => now });
  const told: string[] = [];
  entry.onHealth = ({ health }, before) => told.push(`${before.state} → ${health.state}`);
  entry.trafficFailed("refused");
  entry.trafficFailed("refused");
  entry.trafficFailed("refused");
  now = 5000;
  assert(entry.routable && entry.routable);
  entry.transition({ type: "drain" });
  entry.transition({ type: "drain" });
  entry.transition({ type: "stop" });
  assertEquals(told, [
    "Unknown → Unhealthy",
    "Unhealthy → Unknown",
    "Unknown → Draining",
    "Draining → Stopped",
  ]);
});

test("sessions are judged by metadata that says what detectors found", () => {
  const entry = fakeEntry({ parameters: { detect: "dns" } }, { networkProtocol: "udp" });
  const query = Uint8Array.fromHex("1a2b01000001000000000000076578616d706c6503636f6d0000010001");
  const inspection = inspectionOf({ networkProtocol: "udp", bytes: query, properties: { own: "yes" } });
  assertEquals(entry.wants(inspection, new AbortController().signal), "match");
  assertEquals([entry.backend.metadata?.own, entry.backend.metadata?.detected], ["yes", "dns"]);
});

test("wrong matchers and wrong thresholds are errors when it is made", () => {
  assertThrows(() => fakeEntry({ parameters: { "remote-ip": "here" } }), SyntaxError, 'remote-ip: "here"');
  assertThrows(() => fakeEntry({ parameters: { "passive-failures": "-1" } }), RangeError, "passive-failures");
});
