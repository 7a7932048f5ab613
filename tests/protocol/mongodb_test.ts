import { assertEquals } from "@std/assert";
import { mongodbDetector } from "../../lib/protocol/mongodb.ts";
import { decide } from "../support/verdicts.ts";

const judge = (bytes: Uint8Array) => mongodbDetector.detect(bytes);
const bytes = (hex: string) => Uint8Array.fromHex(hex.replaceAll(" ", ""));

Deno.test({
  name: "mongodb: a request is decided by its opcode",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judge, bytes("9e010000 a1b2c3d4 00000000 dd070000")), {
      verdict: "match",
      after: 16,
    });
    assertEquals(decide(judge, bytes("9e010000 a1b2c3d4 00000000 d4070000")), {
      verdict: "match",
      after: 16,
    });
    assertEquals(decide(judge, bytes("9e010000 a1b2c3d4 00000000 dc070000")), {
      verdict: "mismatch",
      after: 13,
    });
    assertEquals(decide(judge, bytes("9e010000 a1b2c3d4 01000000")), { verdict: "mismatch", after: 9 });
  },
});

Deno.test({
  name: "mongodb: a length that no first message has is a mismatch",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judge, bytes("19000000")), { verdict: "mismatch", after: 4 });
    assertEquals(decide(judge, bytes("00001000")), { verdict: "mismatch", after: 3 });
    assertEquals(decide(judge, bytes("16030102")), { verdict: "mismatch", after: 4 });
  },
});
