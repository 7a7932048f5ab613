import { assertEquals } from "@std/assert";
import { sipTcpDetector, sipUdpDetector } from "../../lib/protocol/sip.ts";
import { bytesOf, decide } from "../support/verdicts.ts";

const judge = (bytes: Uint8Array) => sipTcpDetector.detect(bytes);

Deno.test({
  name: "sip: a request counts once its line has ended",
  permissions: "none",
  fn(): void {
    const line = "INVITE sip:bob@example.com SIP/2.0\r\n";
    assertEquals(decide(judge, bytesOf(line + "Via: x\r\n")), { verdict: "match", after: line.length });
    assertEquals(sipUdpDetector.detect(bytesOf(line)), "match");
    assertEquals(sipUdpDetector.detect(bytesOf(line.slice(0, -1))), "mismatch");
  },
});

Deno.test({
  name: "sip: other request lines are a mismatch at the first byte that shows it",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judge, bytesOf("GET / HTTP/1.1\r\n")), { verdict: "mismatch", after: 5 });
    assertEquals(decide(judge, bytesOf("GET http://a/ HTTP/1.1\r\n")), { verdict: "mismatch", after: 15 });
    assertEquals(decide(judge, bytesOf("PLAY rtsp://a/ RTSP/1.0\r\n")), { verdict: "mismatch", after: 16 });
    assertEquals(decide(judge, bytesOf("\x16\x03\x01")), { verdict: "mismatch", after: 1 });
    assertEquals(decide(judge, bytesOf("BYE sip:a SIP/2.0x")), { verdict: "mismatch", after: 18 });
    assertEquals(decide(judge, bytesOf("M".repeat(40))), { verdict: "mismatch", after: 33 });
  },
});

Deno.test({
  name: "sip: keep-alives may precede, within reason",
  permissions: "none",
  fn(): void {
    assertEquals(judge(bytesOf("\r\n\r\nBYE sip:a SIP/2.0\r\n")), "match");
    assertEquals(judge(bytesOf("\r\n")), "incomplete");
    assertEquals(decide(judge, bytesOf("\r\n".repeat(20))), { verdict: "mismatch", after: 17 });
    assertEquals(sipUdpDetector.detect(bytesOf("\r\n\r\n")), "mismatch");
  },
});

Deno.test({
  name: "sip: a target without an end is a mismatch at the budget",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judge, bytesOf("BYE sip:" + "a".repeat(5000))), { verdict: "mismatch", after: 4096 });
  },
});

Deno.test({
  name: "sip: method and target are facts",
  permissions: "none",
  fn(): void {
    assertEquals(sipUdpDetector.facts?.(bytesOf("\r\nBYE sip:a@b SIP/2.0\r\n")), {
      "sip.method": "BYE",
      "sip.uri": "sip:a@b",
    });
  },
});
