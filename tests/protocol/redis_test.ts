import { assertEquals } from "@std/assert";
import { redisDetector } from "../../lib/protocol/redis.ts";
import { bytesOf, decide } from "../support/verdicts.ts";

const judge = (bytes: Uint8Array) => redisDetector.detect(bytes);

Deno.test({
  name: "redis: an array of bulk strings is decided by its dollar",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judge, bytesOf("*2\r\n$3\r\nGET\r\n")), { verdict: "match", after: 5 });
    assertEquals(decide(judge, bytesOf("*1048576\r\n$1")), { verdict: "match", after: 11 });
    assertEquals(decide(judge, bytesOf("*10485760\r\n$1")), { verdict: "mismatch", after: 9 });
  },
});

Deno.test({
  name: "redis: counts and elements that no client sends are a mismatch",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judge, bytesOf("*0\r\n")), { verdict: "mismatch", after: 2 });
    assertEquals(decide(judge, bytesOf("*\r\n")), { verdict: "mismatch", after: 2 });
    assertEquals(decide(judge, bytesOf("*1\n$4")), { verdict: "mismatch", after: 3 });
    assertEquals(decide(judge, bytesOf("*1\r\n:4")), { verdict: "mismatch", after: 5 });
  },
});

Deno.test({
  name: "redis: PING alone on its line is the one inline command",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judge, bytesOf("PING\r\n")), { verdict: "match", after: 6 });
    assertEquals(decide(judge, bytesOf("PING\n")), { verdict: "match", after: 5 });
    assertEquals(decide(judge, bytesOf("PING / HTTP/1.1\r\n")), { verdict: "mismatch", after: 5 });
    assertEquals(decide(judge, bytesOf("GET k\r\n")), { verdict: "mismatch", after: 1 });
  },
});
