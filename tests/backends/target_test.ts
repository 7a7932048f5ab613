import { assertEquals, assertThrows } from "@std/assert";
import { describeTarget, targetOf } from "../../lib/backends/target.ts";
import type { Dial, Properties } from "../../lib/routing/client.ts";

function target(parameters: Record<string, string>): Dial {
  return targetOf({ name: "web", protocol: "pass", parameters });
}

function shown(parameters: Record<string, string>): Properties {
  return describeTarget(target(parameters));
}

function test(name: string, fn: () => void): void {
  Deno.test({ name: `target: ${name}`, permissions: "none", fn });
}

test("an address with a port, in brackets or not, in the form in which systems write it", () => {
  const port = { "target.port": "80" };
  for (
    const [written, hostname] of [
      ["127.0.0.1", "127.0.0.1"],
      ["::1", "::1"],
      ["[2001:DB8::1]", "2001:db8::1"],
      ["0:0:0:0:0:0:0:1", "::1"],
    ] as const
  ) {
    assertEquals(target({ "target.ip": written, ...port }), { hostname, port: 80 });
    assertEquals(shown({ "target.ip": written, ...port }), { "target.ip": hostname, "target.port": "80" });
  }
});

test("a host name with a port", () => {
  for (const name of ["localhost", "db.internal", "a-b.c_d.example.", "x"]) {
    assertEquals(shown({ "target.host": name, "target.port": "5432" }), {
      "target.host": name,
      "target.port": "5432",
    });
  }
});

test("a Unix socket", () => {
  assertEquals(target({ "target.path": "/run/a.sock" }), { transport: "unix", path: "/run/a.sock" });
  assertEquals(shown({ "target.path": "/run/a.sock" }), { "target.path": "/run/a.sock" });
});

for (
  const [what, parameters, message] of [
    ["nothing", {}, "target.ip is missing"],
    ["no port", { "target.ip": "127.0.0.1" }, "target.port is missing"],
    ["a port that is none", { "target.ip": "127.0.0.1", "target.port": "http" }, 'target.port is "http"'],
    [
      "a name for an address",
      { "target.ip": "localhost", "target.port": "1" },
      'target.ip is "localhost", but must be an IP address; a name goes in target.host',
    ],
    ["half an address", { "target.ip": "127.1", "target.port": "1" }, 'target.ip is "127.1", but must be'],
    [
      "a name that is none",
      { "target.host": "a b", "target.port": "1" },
      'target.host is "a b", but must be',
    ],
    ["a URL", { "target.host": "http://a", "target.port": "1" }, 'target.host is "http://a", but must be'],
    ["a relative path", { "target.path": "a.sock" }, 'target.path is "a.sock", but must be an absolute path'],
    ["a path that is too long", { "target.path": `/${"x".repeat(107)}` }, "of up to 107 bytes"],
    ["a path of too many bytes", { "target.path": `/${"é".repeat(54)}` }, "of up to 107 bytes"],
    [
      "a path with a port",
      { "target.path": "/a.sock", "target.port": "1" },
      "target.path and target.port exclude each other",
    ],
    [
      "two targets",
      { "target.ip": "127.0.0.1", "target.host": "a", "target.port": "1" },
      "target.ip and target.host exclude each other",
    ],
  ] as const
) {
  test(`${what} is an error that says what is wrong`, () => {
    assertThrows(() => target(parameters), Error, message);
  });
}
