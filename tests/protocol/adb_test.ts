import { assertEquals } from "@std/assert";
import { adbDetector } from "../../lib/protocol/adb.ts";
import { bytesOf, decide, join } from "../support/verdicts.ts";

const judge = (bytes: Uint8Array) => adbDetector.detect(bytes);
const CONNECT = Uint8Array.fromHex("434e584e00000001000010000700000032020000bcb1a7b1");
const EMPTY = new Uint8Array(24).fill(0xff, 20);

Deno.test({
  name: "adb: CNXN is decided by its magic",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judge, CONNECT), { verdict: "match", after: 24 });
    assertEquals(decide(judge, CONNECT.with(20, 0)), { verdict: "mismatch", after: 21 });
    assertEquals(decide(judge, bytesOf("CNXO")), { verdict: "mismatch", after: 4 });
  },
});

Deno.test({
  name: "adb: an identity longer than any host sends is a mismatch",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judge, CONNECT.with(14, 1)), { verdict: "mismatch", after: 16 });
  },
});

Deno.test({
  name: "adb: one empty message may precede",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judge, join(EMPTY, CONNECT)), { verdict: "match", after: 48 });
    assertEquals(decide(judge, join(EMPTY, EMPTY)), { verdict: "mismatch", after: 25 });
    assertEquals(decide(judge, EMPTY.with(23, 0)), { verdict: "mismatch", after: 24 });
  },
});
