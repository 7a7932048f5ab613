import { assertEquals } from "@std/assert";
import { socks5Detector } from "../../lib/protocol/socks5.ts";
import { decide } from "../support/verdicts.ts";

const judge = (bytes: Uint8Array) => socks5Detector.detect(bytes);

Deno.test({
  name: "socks5: a greeting ends with its last method",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judge, Uint8Array.of(5, 1, 0)), { verdict: "match", after: 3 });
    assertEquals(decide(judge, Uint8Array.of(5, 3, 0, 1, 0x80)), { verdict: "match", after: 5 });
    assertEquals(judge(Uint8Array.of(5, 3, 0, 1)), "incomplete");
  },
});

Deno.test({
  name: "socks5: no methods, and methods that nobody offers, are a mismatch",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judge, Uint8Array.of(5, 0)), { verdict: "mismatch", after: 2 });
    assertEquals(decide(judge, Uint8Array.of(5, 2, 0x20)), { verdict: "mismatch", after: 3 });
    assertEquals(decide(judge, Uint8Array.of(5, 1, 0xff)), { verdict: "mismatch", after: 3 });
  },
});
