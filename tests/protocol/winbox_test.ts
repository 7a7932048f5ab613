import { assertEquals } from "@std/assert";
import { winboxDetector } from "../../lib/protocol/winbox.ts";
import { bytesOf, decide, join } from "../support/verdicts.ts";

const judge = (bytes: Uint8Array) => winboxDetector.detect(bytes);

function login(user: string, parity: number): Uint8Array {
  const key = new Uint8Array(32).fill(0xa5);
  return join(
    Uint8Array.of(user.length + 34, 6),
    bytesOf(user),
    Uint8Array.of(0),
    key,
    Uint8Array.of(parity),
  );
}

Deno.test({
  name: "winbox: a login counts only as a whole",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judge, login("admin", 0)), { verdict: "match", after: 41 });
    assertEquals(decide(judge, login("admin", 1)), { verdict: "match", after: 41 });
    assertEquals(decide(judge, login("admin", 2)), { verdict: "mismatch", after: 41 });
  },
});

Deno.test({
  name: "winbox: the user name ends where the length says",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judge, login("admin", 0).with(0, 40)), { verdict: "mismatch", after: 8 });
    assertEquals(decide(judge, login("admin", 0).with(7, 0x61)), { verdict: "mismatch", after: 8 });
    assertEquals(decide(judge, login("", 0)), { verdict: "mismatch", after: 1 });
    assertEquals(judge(login("u".repeat(221), 0)), "match");
  },
});

Deno.test({
  name: "winbox: the user is a fact",
  permissions: "none",
  fn(): void {
    assertEquals(winboxDetector.facts?.(login("admin", 0)), { "winbox.user": "admin" });
  },
});
