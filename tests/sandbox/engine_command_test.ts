import { assert, assertEquals, assertThrows } from "@std/assert";
import { engineArguments, engineEnvironment, HEAP_FLAGS } from "../../lib/sandbox/engine_command.ts";
import type { Scope } from "../../lib/sandbox/grant.ts";

const LOCAL = "file:///opt/a%20b/lib/sandbox/engine_main.ts";
const REMOTE = "https://jsr.io/@pmmux/cli/0.1.0/lib/sandbox/engine_main.ts";
const scope: Scope = [
  { kind: "net", value: "127.0.0.1:80", reason: "a" },
  { kind: "read", value: "/var/log", reason: "b" },
];

Deno.test({
  name: "an engine has the flags of its scope and no other permission",
  permissions: "none",
  fn(): void {
    for (const entry of [LOCAL, REMOTE]) {
      const allowed = engineArguments({ entry, scope }).filter((flag) => flag.startsWith("--allow-"));
      const expected = ["--allow-net=127.0.0.1:80", "--allow-read=/var/log"];
      assertEquals(allowed, entry === LOCAL ? expected : ["--allow-import=jsr.io", ...expected]);
    }
  },
});

Deno.test({
  name: "an engine never asks, and never has everything",
  permissions: "none",
  fn(): void {
    const args = engineArguments({ entry: LOCAL, scope });
    assert(args.includes("--no-prompt"));
    assert(!args.some((flag) => /^(-A|--allow-all|--allow-(run|ffi|env))/.test(flag)));
    assertEquals([args[0], args.at(-1)], ["run", LOCAL]);
  },
});

Deno.test({
  name: "a local engine finds the configuration beside it and loads no code from elsewhere",
  permissions: "none",
  fn(): void {
    const args = engineArguments({ entry: LOCAL, scope });
    assertEquals(args[args.indexOf("--config") + 1], "/opt/a b/deno.json");
    for (const flag of ["--no-remote", "--cached-only", "--deny-import", "--frozen"]) {
      assert(args.includes(flag));
    }
  },
});

Deno.test({
  name: "an engine with a lockfile of its own may change it, and no other",
  permissions: "none",
  fn(): void {
    const args = engineArguments({ entry: LOCAL, scope, lock: "/tmp/pmmux-cache-1/deno.lock" });
    assert(args.includes("--lock=/tmp/pmmux-cache-1/deno.lock") && !args.includes("--frozen"));
  },
});

Deno.test({
  name: "an engine whose scope has modules from elsewhere may fetch them from there",
  permissions: "none",
  fn(): void {
    const args = engineArguments({
      entry: LOCAL,
      scope: [...scope, { kind: "import", value: "jsr.io:443", reason: "c" }],
    });
    assert(args.includes("--allow-import=jsr.io:443"));
    for (const flag of ["--no-remote", "--cached-only", "--deny-import"]) assert(!args.includes(flag));
  },
});

Deno.test({
  name: "a scope that flags cannot express starts nothing",
  permissions: "none",
  fn: () =>
    void assertThrows(
      () => engineArguments({ entry: LOCAL, scope: [{ kind: "read", value: "/a,b", reason: "d" }] }),
      Error,
      "a comma",
    ),
});

Deno.test({
  name: "an engine inherits what Deno needs of the environment, and no secrets",
  permissions: "none",
  fn(): void {
    const inherited = {
      HOME: "/root",
      DENO_DIR: "/d",
      NO_COLOR: "1",
      TZ: "UTC",
      LC_ALL: "C",
      OTEL_DENO: "true",
    };
    const secret = {
      AWS_SECRET_ACCESS_KEY: "a",
      DENO_AUTH_TOKENS: "b",
      PMMUX__BACKENDS__0: "c",
      HOMEPAGE: "d",
      PATH: "e",
    };
    const own = { DENO_NO_UPDATE_CHECK: "1", DENO_V8_FLAGS: HEAP_FLAGS };
    assertEquals(engineEnvironment({ ...inherited, ...secret }, 1), { ...inherited, ...own });
  },
});

Deno.test({
  name: "flags that the user gives V8 come after those of an engine's heap",
  permissions: "none",
  fn(): void {
    const flags = (value: string) => engineEnvironment({ DENO_V8_FLAGS: value }, 1).DENO_V8_FLAGS;
    assertEquals(flags("--trace-gc"), `${HEAP_FLAGS},--trace-gc`);
    assertEquals(flags(""), HEAP_FLAGS);
  },
});

Deno.test({
  name: "each engine has a record of used permissions to itself",
  permissions: "none",
  fn(): void {
    const record = (value: string) =>
      engineEnvironment({ DENO_AUDIT_PERMISSIONS: value }, 2).DENO_AUDIT_PERMISSIONS;
    assertEquals([record("/tmp/a"), record("otel")], ["/tmp/a.engine2", "otel"]);
  },
});
