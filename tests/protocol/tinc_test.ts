import { assertEquals } from "@std/assert";
import { tincDetector } from "../../lib/protocol/tinc.ts";
import { bytesOf, decide } from "../support/verdicts.ts";

const judge = (bytes: Uint8Array) => tincDetector.detect(bytes);

Deno.test({
  name: "tinc: an ID request is decided by what follows its version",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judge, bytesOf("0 alpha 17\n")), { verdict: "match", after: 11 });
    assertEquals(decide(judge, bytesOf("0 alpha_2 17.7\n")), { verdict: "match", after: 13 });
    assertEquals(decide(judge, bytesOf("0 alpha 178\n")), { verdict: "mismatch", after: 11 });
    assertEquals(decide(judge, bytesOf("0 alpha 16\n")), { verdict: "mismatch", after: 10 });
  },
});

Deno.test({
  name: "tinc: a name has letters, digits and underscores, and not too many",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judge, bytesOf("0  17\n")), { verdict: "mismatch", after: 3 });
    assertEquals(decide(judge, bytesOf("0 ^key 17\n")), { verdict: "mismatch", after: 3 });
    assertEquals(decide(judge, bytesOf("1 alpha 17\n")), { verdict: "mismatch", after: 1 });
    assertEquals(judge(bytesOf(`0 ${"n".repeat(255)} 17\n`)), "match");
    assertEquals(decide(judge, bytesOf(`0 ${"n".repeat(300)}`)), { verdict: "mismatch", after: 258 });
  },
});

Deno.test({
  name: "tinc: the name is a fact",
  permissions: "none",
  fn(): void {
    assertEquals(tincDetector.facts?.(bytesOf("0 alpha 17\n")), { "tinc.name": "alpha" });
  },
});
