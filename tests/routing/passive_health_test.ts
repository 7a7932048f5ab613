import { assertEquals, assertThrows } from "@std/assert";
import {
  DEFAULT_PASSIVE_HEALTH,
  PassiveHealth,
  passiveHealthSpec,
} from "../../lib/routing/passive_health.ts";

const SPEC = { failures: 3, window: 1000, cooldown: 5000 };

function failAt(passive: PassiveHealth, times: readonly number[]): boolean[] {
  return times.map((at) => passive.failed(at));
}

Deno.test({
  name: "as many failures as configured within the window eject",
  permissions: "none",
  fn() {
    const passive = new PassiveHealth(SPEC);
    assertEquals(failAt(passive, [0, 500, 1000]), [false, false, true]);
    assertEquals(passive.ejectedUntil, 6000);
  },
});

Deno.test({
  name: "the window slides: only failures that are close enough to each other eject",
  permissions: "none",
  fn() {
    const passive = new PassiveHealth(SPEC);
    assertEquals(failAt(passive, [0, 600, 1200, 1800, 2190]), [false, false, false, false, true]);
  },
});

Deno.test({
  name: "the ring decides as a full record of all failures would",
  permissions: "none",
  fn() {
    const passive = new PassiveHealth({ ...SPEC, failures: 4 });
    const times: number[] = [];
    let now = 0;
    for (let step = 0; step < 5000; step++) {
      now += (step * 7919) % 521;
      times.push(now);
      const expected = times.filter((time) => now - time <= 1000).length >= 4;
      assertEquals(passive.failed(now), expected, `failure ${step} at ${now}`);
      if (expected) {
        passive.reset();
        times.length = 0;
      }
    }
  },
});

Deno.test({
  name: "one failure ejects when one is configured, and none when it is turned off",
  permissions: "none",
  fn() {
    assertEquals(new PassiveHealth({ ...SPEC, failures: 1 }).failed(7), true);
    const off = new PassiveHealth({ ...SPEC, failures: 0 });
    assertEquals(failAt(off, [0, 0, 0, 0]), [false, false, false, false]);
    assertEquals(off.ejectedUntil, undefined);
  },
});

Deno.test({
  name: "failures during the cooldown do not prolong it",
  permissions: "none",
  fn() {
    const passive = new PassiveHealth({ ...SPEC, failures: 1 });
    assertEquals(failAt(passive, [0, 4999]), [true, false]);
    assertEquals(passive.cooledDown(4999), false);
    assertEquals(passive.cooledDown(5000), true);
    assertEquals(passive.cooledDown(5001), false);
    assertEquals(passive.ejectedUntil, undefined);
  },
});

Deno.test({
  name: "after the cooldown the first failure ejects again, unless something succeeded before",
  permissions: "none",
  fn() {
    const passive = new PassiveHealth(SPEC);
    failAt(passive, [0, 0, 0]);
    passive.cooledDown(5000);
    assertEquals(passive.failed(9000), true);
    passive.cooledDown(14_000);
    passive.succeeded();
    assertEquals(failAt(passive, [14_001, 14_002, 14_003]), [false, false, true]);
  },
});

Deno.test({
  name: "health checks that find the backend well end the ejection without a trial",
  permissions: "none",
  fn() {
    const passive = new PassiveHealth(SPEC);
    failAt(passive, [0, 0, 0]);
    passive.reset();
    assertEquals(passive.ejectedUntil, undefined);
    assertEquals(failAt(passive, [1, 2]), [false, false]);
  },
});

Deno.test({
  name: "a backend's parameters replace the defaults one by one",
  permissions: "none",
  fn() {
    assertEquals(passiveHealthSpec({ "target.port": "80" }), DEFAULT_PASSIVE_HEALTH);
    const parameters = { "passive-failures": "0", "passive-window": "500", "passive-cooldown": "60000" };
    assertEquals(passiveHealthSpec(parameters), { failures: 0, window: 500, cooldown: 60_000 });
  },
});

Deno.test({
  name: "a parameter that is no whole number in its range is an error that quotes it",
  permissions: "none",
  fn() {
    for (const text of ["", " 1", "-1", "1.5", "1e3", "0x10", "1001", "many"]) {
      const message = `passive-failures must be a number from 0 to 1000, but is "${text}"`;
      assertThrows(() => passiveHealthSpec({ "passive-failures": text }), RangeError, message);
    }
    assertThrows(() => passiveHealthSpec({ "passive-window": "0" }), RangeError, 'but is "0"');
    assertThrows(() => passiveHealthSpec({ "passive-cooldown": "2147483648" }), RangeError, "2147483647");
  },
});

Deno.test({
  name: "what a client may have brought about counts once a window for each client",
  permissions: "none",
  fn() {
    const passive = new PassiveHealth(SPEC);
    const failed = (at: number, cause?: string) => passive.failed(at, cause);
    assertEquals([0, 1, 2, 3, 1000].map((at) => failed(at, "a")), [false, false, false, false, false]);
    assertEquals([failed(1000), failed(1000, "b")], [false, true]);
    const later = new PassiveHealth(SPEC);
    assertEquals([0, 1001, 2002, 3003].map((at) => later.failed(at, "a")), [false, false, false, false]);
    assertEquals([later.failed(3004, "b"), later.failed(3005, "c")], [false, true]);
  },
});
