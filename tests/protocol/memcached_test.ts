import { assertEquals } from "@std/assert";
import { memcachedDetector } from "../../lib/protocol/memcached.ts";
import { bytesOf, decide } from "../support/verdicts.ts";

const judge = (bytes: Uint8Array) => memcachedDetector.detect(bytes);
const verdict = (text: string) => judge(bytesOf(text));

Deno.test({
  name: "memcached: a command counts once its line has ended",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judge, bytesOf("get k\r\n")), { verdict: "match", after: 7 });
    assertEquals(decide(judge, bytesOf("version\n")), { verdict: "match", after: 8 });
    assertEquals(verdict("get key \r\n"), "match");
    assertEquals(verdict("get \u00fcber\r\n"), "match");
  },
});

Deno.test({
  name: "memcached: the number of arguments is that of the command",
  permissions: "none",
  fn(): void {
    assertEquals(verdict("get\r\n"), "mismatch");
    assertEquals(verdict("set k 0 0\r\n"), "mismatch");
    assertEquals(verdict("set k 0 0 5 noreply\r\n"), "match");
    assertEquals(decide(judge, bytesOf("version 1")), { verdict: "mismatch", after: 9 });
    assertEquals(decide(judge, bytesOf("gets\r\n")), { verdict: "mismatch", after: 5 });
  },
});

Deno.test({
  name: "memcached: other text protocols are a mismatch",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judge, bytesOf("GET / HTTP/1.1\r\n")), { verdict: "mismatch", after: 1 });
    assertEquals(decide(judge, bytesOf("get / HTTP/1.1\r\n")), { verdict: "mismatch", after: 11 });
    assertEquals(verdict("set sip:a@b SIP/2.0\r\n"), "mismatch");
    assertEquals(decide(judge, bytesOf("gem")), { verdict: "mismatch", after: 3 });
    assertEquals(verdict("get\tk\r\n"), "mismatch");
    assertEquals(verdict("get k\rx"), "mismatch");
  },
});

Deno.test({
  name: "memcached: a line without an end is a mismatch at the budget",
  permissions: "none",
  fn(): void {
    for (const line of ["get " + "k".repeat(9000), "get " + "k ".repeat(5000)]) {
      const bytes = bytesOf(line + "\r\n");
      const verdicts = [8191, 8192, bytes.length].map((length) => judge(bytes.subarray(0, length)));
      assertEquals(verdicts, ["incomplete", "mismatch", "mismatch"]);
    }
  },
});

Deno.test({
  name: "memcached: a binary request is a header whose lengths agree",
  permissions: "none",
  fn(): void {
    const request = Uint8Array.fromHex("80000001000000000000000100000000000000000000000000".slice(0, 48));
    assertEquals(decide(judge, request), { verdict: "match", after: 24 });
    assertEquals(decide(judge, request.with(1, 0x40)), { verdict: "mismatch", after: 2 });
    assertEquals(decide(judge, request.with(2, 1)), { verdict: "mismatch", after: 4 });
    assertEquals(decide(judge, request.with(5, 1)), { verdict: "mismatch", after: 6 });
    assertEquals(decide(judge, request.with(11, 0)), { verdict: "mismatch", after: 12 });
    assertEquals(decide(judge, request.with(8, 1)), { verdict: "mismatch", after: 12 });
  },
});
