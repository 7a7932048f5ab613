import { assertEquals } from "@std/assert";
import { stunTcpDetector, stunUdpDetector } from "../../lib/protocol/stun.ts";
import { decide, join } from "../support/verdicts.ts";

const COOKIE = Uint8Array.of(0x21, 0x12, 0xa4, 0x42);
const judge = (bytes: Uint8Array) => stunTcpDetector.detect(bytes);

function message(type: readonly [number, number], length: number): Uint8Array {
  return join(Uint8Array.of(...type, 0, length), COOKIE, new Uint8Array(12 + length));
}

Deno.test({
  name: "stun: a request over TCP is decided by its cookie",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judge, message([0, 3], 8)), { verdict: "match", after: 8 });
    assertEquals(decide(judge, message([0, 3], 8).with(7, 0)), { verdict: "mismatch", after: 8 });
    assertEquals(decide(judge, message([0, 3], 6)), { verdict: "mismatch", after: 4 });
    assertEquals(decide(judge, message([1, 1], 8)), { verdict: "mismatch", after: 1 });
    assertEquals(decide(judge, message([0, 0x11], 8)), { verdict: "mismatch", after: 2 });
  },
});

Deno.test({
  name: "stun: a message of any class fills its datagram",
  permissions: "none",
  fn(): void {
    assertEquals(stunUdpDetector.detect(message([0, 1], 0)), "match");
    assertEquals(stunUdpDetector.detect(message([1, 0x11], 8)), "match");
    assertEquals(stunUdpDetector.detect(message([0, 1], 8).subarray(0, 24)), "mismatch");
    assertEquals(stunUdpDetector.detect(join(message([0, 1], 0), new Uint8Array(4))), "mismatch");
    assertEquals(stunUdpDetector.detect(message([0x40, 1], 0)), "mismatch");
  },
});

Deno.test({
  name: "stun: channel data fills its datagram, padded or not",
  permissions: "none",
  fn(): void {
    const channelData = (length: number, total: number) =>
      new Uint8Array(4 + total).with(0, 0x4f).with(3, length);
    assertEquals(stunUdpDetector.detect(channelData(5, 5)), "match");
    assertEquals(stunUdpDetector.detect(channelData(5, 8)), "match");
    assertEquals(stunUdpDetector.detect(channelData(5, 9)), "mismatch");
    assertEquals(stunUdpDetector.detect(channelData(5, 4)), "mismatch");
    assertEquals(stunUdpDetector.detect(channelData(5, 5).with(0, 0x50)), "mismatch");
    assertEquals(stunTcpDetector.detect(channelData(5, 5)), "mismatch");
  },
});
