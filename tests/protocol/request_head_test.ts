import { assertEquals } from "@std/assert";
import { readAuthority, readTarget, requestFacts } from "../../lib/protocol/request_head.ts";

for (
  const [authority, host] of [
    ["example.com", "example.com"],
    ["Example.COM:8080", "example.com"],
    ["example.com.", "example.com"],
    ["example.com:", "example.com"],
    ["192.0.2.1:80", "192.0.2.1"],
    ["[2001:DB8::1]:443", "[2001:db8::1]"],
    ["[::1]", "[::1]"],
    ["", undefined],
    [".", undefined],
    [":80", undefined],
    ["user@example.com", undefined],
    ["example.com:http", undefined],
    ["a.example, b.example", undefined],
    ["a/b", undefined],
    ["2001:db8::1", undefined],
    ["[::1", undefined],
  ] as const
) {
  Deno.test({
    name: `the host of "${authority}" is ${host ?? "unknown"}`,
    permissions: "none",
    fn() {
      assertEquals(readAuthority(authority), host === undefined ? { authority } : { authority, host });
    },
  });
}

for (
  const [method, target, expected] of [
    ["GET", "/a/b?c=/d", { path: "/a/b" }],
    ["GET", "/a#b?c", { path: "/a" }],
    ["GET", "/%7Euser/../x", { path: "/%7Euser/../x" }],
    ["OPTIONS", "*", { path: "*" }],
    ["GET", "http://A.example:80/p?q", { path: "/p", authority: "A.example:80", host: "a.example" }],
    ["GET", "http://a.example?q=/x", { path: "/", authority: "a.example", host: "a.example" }],
    ["CONNECT", "a.example:443", { authority: "a.example:443", host: "a.example" }],
    ["GET", "/redirect?to=http://b.example/", { path: "/redirect" }],
  ] as const
) {
  Deno.test({
    name: `the target of ${method} ${target} is taken apart`,
    permissions: "none",
    fn() {
      assertEquals(readTarget(method, target), expected);
    },
  });
}

Deno.test({
  name: "only what is known becomes a fact",
  permissions: "none",
  fn() {
    assertEquals(requestFacts({}), {});
    const facts = requestFacts({
      method: "GET",
      target: "/a?b",
      path: "/a",
      version: "1.1",
      host: "a.example",
    });
    assertEquals(facts, { "http.method": "GET", "http.target": "/a?b", "http.host": "a.example" });
  },
});
