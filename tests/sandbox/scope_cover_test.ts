import { assertEquals } from "@std/assert";
import type { PermissionKind } from "../../lib/routing/backend_module.ts";
import { ANYTHING, type Scope } from "../../lib/sandbox/grant.ts";
import { covers, isWithin, missing } from "../../lib/sandbox/scope_cover.ts";

const grants = (kind: PermissionKind, ...values: string[]): Scope =>
  values.map((value) => ({ kind, value, reason: "test" }));

/** What each address covers, and what it does not. */
const addresses: readonly (readonly [outer: string, inner: readonly string[], others: readonly string[]])[] =
  [
    ["127.0.0.1:80", ["127.0.0.1:80"], ["127.0.0.1:81", "127.0.0.1", "127.0.0.2:80", "localhost:80"]],
    ["127.0.0.1", ["127.0.0.1:80", "127.0.0.1"], ["127.0.0.2", "[::1]:80"]],
    ["127.0.0.1:0", ["127.0.0.1:0"], ["127.0.0.1:80"]],
    ["10.0.0.0/8", ["10.1.2.3", "10.1.2.3:80"], ["11.0.0.0:80", "[fd00::1]:80", "a.example:80"]],
    ["10.0.0.0/8:80", ["10.1.2.3:80"], ["10.1.2.3:81", "10.1.2.3"]],
    ["0.0.0.0/0", ["0.0.0.0:0", "255.255.255.255:1"], ["[::]:0", "localhost:1"]],
    ["a.example:443", ["a.example:443", "A.Example:443"], ["b.a.example:443", "a.example:80"]],
    ["a.example", ["a.example:443"], ["example:443"]],
    ["[::1]:80", ["[::1]:80", "[0:0:0:0:0:0:0:1]:80"], ["[::2]:80", "127.0.0.1:80"]],
    ["unix:/run/a.sock", ["unix:/run/a.sock"], ["unix:/run/b.sock", "unix:/run/a.sock/b"]],
  ];

for (const [outer, inner, others] of addresses) {
  Deno.test({
    name: `net ${outer} covers what Deno says it covers`,
    permissions: { net: [outer] },
    fn(): void {
      for (const value of [...inner, ...others]) {
        const ours = covers({ kind: "net", value: outer }, { kind: "net", value });
        assertEquals(ours, inner.includes(value), value);
        // Deno's query knows no Unix sockets.
        if (value.startsWith("unix:")) continue;
        assertEquals(
          Deno.permissions.querySync({ name: "net", host: value }).state === "granted",
          ours,
          value,
        );
      }
    },
  });
}

Deno.test({
  name: "a network covers the smaller ones within it",
  permissions: "none",
  fn(): void {
    const within = (inner: string, outer: string) => isWithin(grants("net", inner), grants("net", outer));
    assertEquals(within("10.1.0.0/16", "10.0.0.0/8"), true);
    assertEquals(within("10.1.0.0/16:80", "10.0.0.0/8"), true);
    assertEquals(within("10.1.0.0/16", "10.0.0.0/8:80"), false);
    assertEquals(within("10.0.0.0/8", "10.1.0.0/16"), false);
    assertEquals(within("11.0.0.0/16", "10.0.0.0/8"), false);
  },
});

Deno.test({
  name: "a directory covers what lies in it, and only that",
  permissions: "none",
  fn(): void {
    const within = (inner: string, outer: string) => isWithin(grants("read", inner), grants("read", outer));
    assertEquals(within("/var/log/a", "/var/log"), true);
    assertEquals(within("/var/log", "/var/log"), true);
    assertEquals(within("/var/logs", "/var/log"), false);
    assertEquals(within("/var", "/var/log"), false);
    assertEquals(within("/var", "/"), true);
  },
});

Deno.test({
  name: "everything of a kind covers all of that kind and is covered by nothing less",
  permissions: "none",
  fn(): void {
    assertEquals(isWithin(grants("net", "10.0.0.1:1", "unix:/a"), grants("net", ANYTHING)), true);
    assertEquals(isWithin(grants("net", ANYTHING), grants("net", "0.0.0.0/0")), false);
    assertEquals(isWithin(grants("read", "/a"), grants("net", ANYTHING)), false);
    assertEquals(isWithin([], []), true);
  },
});

Deno.test({
  name: "what a scope lacks is told grant by grant",
  permissions: "none",
  fn(): void {
    const wanted = [...grants("net", "10.0.0.1:1", "10.0.0.2:2"), ...grants("env", "HOME")];
    assertEquals(missing(wanted, [...grants("net", "10.0.0.1"), ...grants("env", "USER")]), wanted.slice(1));
  },
});
