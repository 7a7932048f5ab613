import { assertEquals } from "@std/assert";
import type { ConfigInput } from "../../lib/config/load_config.ts";
import { faults, load, toml } from "./load.ts";

const WEB = ["-b", "web:pass:target.port=1"];

function cases(
  prefix: string,
  table: readonly (readonly [rule: string, args: readonly string[], faults: readonly string[]])[],
): void {
  for (const [rule, args, expected] of table) {
    Deno.test({
      name: `${prefix}: ${rule}`,
      permissions: "none",
      fn: () => assertEquals(expected.length === 0 ? (load({ args }), []) : faults({ args }), expected),
    });
  }
}

cases("a health check applies to something", [
  ["any backend", [...WEB, "-z", "interval=1"], []],
  ["the backends of a protocol, even if there is none", [...WEB, "-z", "noop:interval=1"], []],
  ["a backend by name", [...WEB, "-z", ":web:interval=1"], []],
  ["a backend by name and protocol", [...WEB, "-z", "pass:web"], []],
  ["not a backend that is not there", [...WEB, "-z", "pass:wbe"], [
    'command line: health-checks[0]: the health check "pass:wbe" applies to nothing: "wbe" is no backend; ' +
    'did you mean "web"?',
  ]],
  ["CFG-32 not a backend without a name", [...WEB, "-z", "pass::interval=1"], [
    'command line: health-checks[0]: the health check "pass:" applies to nothing: "" is no backend; known are web',
  ]],
  ["not a backend of another protocol", [...WEB, "-z", "noop:web"], [
    'command line: health-checks[0]: the health check "noop:web" applies to nothing: the protocol of "web" is pass',
  ]],
  ["which is told beside other faults", [...WEB, "-z", ":a", "-q", "0"], [
    'command line: --queue-length: "0" is not a whole number from 1 to 65535 (connections)',
    'command line: health-checks[0]: the health check ":a" applies to nothing: "a" is no backend; known are web',
  ]],
  ["which nobody knows while backends are at fault", ["-b", "web:pass:k=", "-b", "x", "-z", ":x"], [
    'command line: backends[1]: cannot read the backend spec: backend "x" has no protocol; ' +
    'write name:protocol or name:protocol:key=value,…, and a value with ":", "," or "=" in double quotes',
  ]],
  ["which nobody knows while an option is unknown", ["--bakend", "x:noop", "-z", ":x"], [
    "command line: --bakend: is no option; did you mean --backend?",
  ]],
]);

Deno.test({
  name: "a health check of a lower layer may be left without its backend, which is worth knowing",
  permissions: "none",
  fn: () => {
    const file = toml('[pmmux]\nbackends = ["web:noop"]\nhealth-checks = [":web:interval=1"]');
    const input: ConfigInput = { ...file, args: ["-b", "db:noop"] };
    assertEquals(load(file).notices, []);
    assertEquals(load(input).notices.map(({ source, message }) => `${source}: ${message}`), [
      'pmmux.toml: health-checks[0]: the health check ":web" applies to nothing: "web" is no backend; known are db',
    ]);
  },
});

Deno.test({
  name: "a health check of a higher layer has to have its backend",
  permissions: "none",
  fn: () => {
    assertEquals(faults({ ...toml('[pmmux]\nbackends = ["web:noop"]'), args: ["-z", ":db:interval=1"] }), [
      'command line: health-checks[0]: the health check ":db" applies to nothing: "db" is no backend; known are web',
    ]);
  },
});

Deno.test({
  name: "a health check of a protocol that no backend has may await one, which is worth knowing",
  permissions: "none",
  fn: () => {
    const { notices } = load({ args: [...WEB, "-z", "pass:interval=1", "-z", "noop:interval=1"] });
    assertEquals(notices, [{
      source: "command line: health-checks[1]",
      message: 'the health check "noop" applies to nothing: the protocol of no backend is noop',
    }]);
  },
});

cases("metrics have a port of their own", [
  ["another port", ["-p", "!:80:tcp", "--metrics-port", "81"], []],
  ["another transport", ["-p", "!:80:udp", "--metrics-port", "80"], []],
  ["another address", ["-p", "!:80:tcp:bind-address=127.0.0.2", "--metrics-port", "80"], []],
  ["no listener", ["-p", "8080:80:tcp:listen=false", "--metrics-port", "80"], []],
  ["not that of a listener", ["-p", "!:80:tcp:bind-address=127.0.0.1", "--metrics-port", "80"], [
    "command line: --metrics-port: a port binding listens on tcp port 80 of 127.0.0.1 already",
  ]],
  ["not that of a listener on all addresses", ["-p", "!:80:tcp", "--metrics-port", "80"], [
    "command line: --metrics-port: a port binding listens on tcp port 80 of 0.0.0.0 already",
  ]],
  ["nor does another worker", ["-p", "!:82:tcp", "--metrics-port", "80", "--workers", "3"], [
    "command line: --metrics-port: a port binding listens on tcp port 82 of 0.0.0.0 already",
  ]],
  ["the last port there is", ["--metrics-port", "65533", "--workers", "3"], []],
  ["none beyond it", ["--metrics-port", "65534", "--workers", "3"], [
    "command line: --metrics-port: 3 workers serve metrics on as many ports in a row; the last would be beyond 65535",
  ]],
]);
