import { assertEquals, assertThrows } from "@std/assert";
import { compareUsage, parseAudit } from "../../lib/sandbox/audit.ts";
import type { Scope } from "../../lib/sandbox/grant.ts";

/** Lines as Deno writes them. */
const record = [
  { permission: "net", value: "127.0.0.1:80" },
  { permission: "net", value: "127.0.0.1:80" },
  { permission: "read", value: "logs/a.log" },
  { permission: "read", value: "file:///srv/logs/b%20c.log" },
  { permission: "env", value: null },
].map((line) => `${JSON.stringify({ v: 1, datetime: "2026-11-22T12:28:39Z", ...line })}\n`).join("");

Deno.test({
  name: "a record is read line by line, its paths made absolute, half a line at its end left out",
  permissions: "none",
  fn: () =>
    assertEquals(parseAudit(`${record}{"v":1,"perm`, { directory: "/srv" }).slice(2), [
      { kind: "read", value: "/srv/logs/a.log" },
      { kind: "read", value: "/srv/logs/b c.log" },
      { kind: "env", value: "*" },
    ]),
});

Deno.test({
  name: "a line that is no record is named",
  permissions: "none",
  fn(): void {
    for (
      const line of [
        "{",
        "1",
        "null",
        "{}",
        '{"permission":"magic","value":"x"}',
        '{"permission":"net","value":1}',
      ]
    ) {
      assertThrows(
        () => parseAudit(`${record}${line}\n`, { directory: "/" }),
        SyntaxError,
        "line 6 is no record",
      );
    }
  },
});

Deno.test({
  name: "what was used and not declared is told once, what was declared and not used with its reason",
  permissions: "none",
  fn(): void {
    const scope: Scope = [
      { kind: "net", value: "127.0.0.0/8", reason: "a" },
      { kind: "read", value: "/srv/logs", reason: "b" },
      { kind: "write", value: "/srv/logs", reason: "c" },
    ];
    const used = parseAudit(`${record}${record}`, { directory: "/srv" });
    assertEquals(compareUsage(scope, used), {
      undeclared: [{ kind: "env", value: "*" }],
      unused: [scope[2]!],
    });
    assertEquals(compareUsage([], []), { undeclared: [], unused: [] });
  },
});
