import { assertEquals, assertThrows } from "@std/assert";
import { priorityTier, required, requiredPort } from "../../lib/backends/parameters.ts";
import type { BackendSpec } from "../../lib/config/types.ts";

function specOf(parameters: Record<string, string>): BackendSpec {
  return { name: "web", protocol: "pass", parameters };
}

function test(name: string, fn: () => void): void {
  Deno.test({ name: `parameters: ${name}`, permissions: "none", fn });
}

test("a tier is a name in any case or its number from the lowest, and has a default", () => {
  const tier = (priority: string) => priorityTier(specOf({ priority }), "normal");
  assertEquals(["fallback", "Standby", "NORMAL", "vip"].map(tier), ["fallback", "standby", "normal", "vip"]);
  assertEquals(["0", "1", "2", "3"].map(tier), ["fallback", "standby", "normal", "vip"]);
  assertEquals([tier(""), priorityTier(specOf({}), "fallback")], ["normal", "fallback"]);
});

test("a tier that there is not is an error that names the backend and all tiers", () => {
  for (const priority of ["high", "4", "-1", " vip", "1.0"]) {
    const error = assertThrows(() => priorityTier(specOf({ priority }), "normal"), Error);
    assertEquals(
      error.message,
      `Cannot use backend "web": priority is "${priority}", but must be one of fallback, standby, normal, vip`,
    );
  }
});

test("what is required is missing also when it is empty", () => {
  assertEquals(required(specOf({ a: "b" }), "a"), "b");
  for (const spec of [specOf({}), specOf({ a: "" })]) {
    assertThrows(() => required(spec, "a"), Error, 'Cannot use backend "web": a is missing');
  }
});

test("a port is a whole number from 1 to 65535", () => {
  assertEquals(["1", "080", "65535"].map((p) => requiredPort(specOf({ p }), "p")), [1, 80, 65535]);
  for (const p of ["0", "65536", "-1", "1e3", "0x50", "80 ", "http", "99999999999"]) {
    assertThrows(
      () => requiredPort(specOf({ p }), "p"),
      Error,
      `p is "${p}", but must be a port from 1 to 65535`,
    );
  }
});
