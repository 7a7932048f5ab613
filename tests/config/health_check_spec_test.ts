import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../lib/config/errors.ts";
import { parseHealthCheckSpec } from "../../lib/config/health_check_spec.ts";

const DEFAULTS = {
  initialDelay: 0,
  interval: 10_000,
  timeout: 5_000,
  failureThreshold: 3,
  recoveryThreshold: 5,
};

for (
  const [rule, spec, expected] of [
    ["CFG-30 parameters alone apply to everything", "method=GET", { parameters: { method: "GET" } }],
    ["CFG-30 a protocol alone applies to its backends", "pass", { protocol: "pass", parameters: {} }],
    ["CFG-30 a protocol may have parameters", "pass:a=1", { protocol: "pass", parameters: { a: "1" } }],
    ["CFG-30 a backend may be named", "pass:web", { protocol: "pass", backend: "web", parameters: {} }],
    ["CFG-30 with parameters too", "pass:web:a=1", {
      protocol: "pass",
      backend: "web",
      parameters: { a: "1" },
    }],
    ["CFG-32 an empty backend is the backend of that name", "pass::a=1", {
      protocol: "pass",
      backend: "",
      parameters: { a: "1" },
    }],
    ["an empty protocol is every protocol", ":web", { backend: "web", parameters: {} }],
    ["a protocol may be a URL", "https://x.com/a.ts:web", {
      protocol: "https://x.com/a.ts",
      backend: "web",
      parameters: {},
    }],
  ] as const
) {
  Deno.test({
    name: `${rule}: ${spec}`,
    permissions: "none",
    fn: () => assertEquals(parseHealthCheckSpec(spec), { ...DEFAULTS, ...expected }),
  });
}

Deno.test({
  name: "CFG-33 CFG-35 timings are read, and stay among the parameters",
  permissions: "none",
  fn: () => {
    const spec = "pass:initial-delay=1,interval=2,timeout=3,failure-threshold=4,recovery-threshold=5,x=6";
    assertEquals(parseHealthCheckSpec(spec), {
      protocol: "pass",
      initialDelay: 1,
      interval: 2,
      timeout: 3,
      failureThreshold: 4,
      recoveryThreshold: 5,
      parameters: {
        "initial-delay": "1",
        "interval": "2",
        "timeout": "3",
        "failure-threshold": "4",
        "recovery-threshold": "5",
        "x": "6",
      },
    });
  },
});

Deno.test({
  name: "CFG-34 timings have defaults",
  permissions: "none",
  fn: () => assertEquals(parseHealthCheckSpec("pass"), { ...DEFAULTS, protocol: "pass", parameters: {} }),
});

for (
  const [rule, spec, problem] of [
    ["CFG-30 a health check is not empty", " ", /it is empty/],
    ["CFG-31 a third word is refused", "a:b:c", /found "c" where the parameters/],
    ["CFG-31 nothing follows the parameters", "a:b=1:c", /found "c" after the parameters/],
    ["CFG-31 there is one list of parameters", "a=1:b=2", /a second list of parameters/],
    ["CFG-33 a timing is a whole number", "interval=1s", /interval is "1s", not a whole number from 1/],
    ["CFG-33 a timing is no fraction", "timeout=1.5", /timeout is "1.5"/],
    ["CFG-33 an interval is positive", "interval=0", /interval is "0"/],
    [
      "CFG-33 a delay is not negative",
      "initial-delay=-1",
      /initial-delay is "-1", not a whole number from 0/,
    ],
    ["CFG-33 a threshold is positive", "failure-threshold=0", /failure-threshold is "0"/],
    ["CFG-33 a timer has a longest time", "timeout=2147483648", /from 1 to 2147483647 ms/],
    ["all wrong timings are named", "interval=a,timeout=b", /interval is "a".*timeout is "b"/],
  ] as const
) {
  Deno.test({
    name: `${rule}: ${JSON.stringify(spec)}`,
    permissions: "none",
    fn: () => {
      const { message } = assertThrows(() => parseHealthCheckSpec(spec), ConfigError);
      assertEquals(problem.test(message), true, message);
    },
  });
}
