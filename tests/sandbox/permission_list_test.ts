import { assertEquals, assertThrows } from "@std/assert";
import { ANYTHING, type Scope } from "../../lib/sandbox/grant.ts";
import { permissionFlags, permissionSet } from "../../lib/sandbox/permission_list.ts";

const scope: Scope = [
  { kind: "sys", value: "networkInterfaces", reason: "a" },
  { kind: "net", value: "127.0.0.1:80", reason: "b" },
  { kind: "read", value: "/a", reason: "c" },
  { kind: "net", value: "127.0.0.1:80", reason: "d" },
  { kind: "net", value: "[::1]:80", reason: "e" },
];

Deno.test({
  name: "flags name every value once, kind by kind",
  permissions: "none",
  fn: () =>
    assertEquals(permissionFlags(scope), [
      "--allow-net=127.0.0.1:80,[::1]:80",
      "--allow-read=/a",
      "--allow-sys=networkInterfaces",
    ]),
});

Deno.test({
  name: "a permission set has the same by kind",
  permissions: "none",
  fn: () =>
    assertEquals(permissionSet(scope), {
      net: ["127.0.0.1:80", "[::1]:80"],
      read: ["/a"],
      sys: ["networkInterfaces"],
    }),
});

Deno.test({
  name: "everything of a kind leaves no list",
  permissions: "none",
  fn(): void {
    const all: Scope = [...scope, { kind: "net", value: ANYTHING, reason: "f" }];
    assertEquals(permissionFlags(all)[0], "--allow-net");
    assertEquals(permissionSet(all).net, true);
  },
});

Deno.test({
  name: "a value that flags cannot write is refused, and a permission set takes it",
  permissions: "none",
  fn(): void {
    const comma: Scope = [{ kind: "read", value: "/a,b", reason: "g" }];
    assertThrows(() => permissionFlags(comma), Error, 'Cannot permit read of "/a,b"');
    assertEquals(permissionSet(comma), { read: ["/a,b"] });
  },
});
