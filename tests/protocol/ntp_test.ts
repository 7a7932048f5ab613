import { assertEquals } from "@std/assert";
import { ntpDetector } from "../../lib/protocol/ntp.ts";

function request(length: number): Uint8Array {
  return new Uint8Array(length).with(0, 0x23);
}

Deno.test({
  name: "ntp: a request has mode 3, version 3 or 4, and whatever leap indicator",
  permissions: "none",
  fn(): void {
    for (const first of [0x1b, 0x23, 0xe3, 0xdb]) {
      assertEquals(ntpDetector.detect(request(48).with(0, first)), "match");
    }
    for (const first of [0x24, 0x13, 0x2b, 0x22]) {
      assertEquals(ntpDetector.detect(request(48).with(0, first)), "mismatch");
    }
  },
});

Deno.test({
  name: "ntp: stratum and poll are in their ranges",
  permissions: "none",
  fn(): void {
    assertEquals(ntpDetector.detect(request(48).with(1, 16).with(2, 17)), "match");
    assertEquals(ntpDetector.detect(request(48).with(2, 0xfa)), "match");
    assertEquals(ntpDetector.detect(request(48).with(1, 17)), "mismatch");
    assertEquals(ntpDetector.detect(request(48).with(2, 18)), "mismatch");
    assertEquals(ntpDetector.detect(request(48).with(2, 0x80)), "mismatch");
  },
});

Deno.test({
  name: "ntp: what follows the header is an authenticator, or extension fields",
  permissions: "none",
  fn(): void {
    const lengths = [47, 49, 52, 64, 68, 72, 73];
    const verdicts = lengths.map((length) => ntpDetector.detect(request(length)));
    assertEquals(verdicts, ["mismatch", "mismatch", "mismatch", "mismatch", "match", "match", "mismatch"]);
    assertEquals(ntpDetector.detect(request(64).with(51, 16)), "match");
    assertEquals(ntpDetector.detect(request(64).with(51, 20)), "mismatch");
    assertEquals(ntpDetector.detect(request(84).with(51, 16)), "match");
  },
});

Deno.test({
  name: "ntp: the version is a fact",
  permissions: "none",
  fn(): void {
    assertEquals(ntpDetector.facts?.(request(48)), { "ntp.version": "4" });
  },
});
