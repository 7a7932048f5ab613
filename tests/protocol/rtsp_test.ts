import { assertEquals } from "@std/assert";
import { rtspDetector } from "../../lib/protocol/rtsp.ts";
import { bytesOf, decide } from "../support/verdicts.ts";

Deno.test({
  name: "rtsp: a request of either version counts once its line has ended",
  permissions: "none",
  fn(): void {
    const judge = (bytes: Uint8Array) => rtspDetector.detect(bytes);
    assertEquals(decide(judge, bytesOf("OPTIONS * RTSP/1.0\r\n")), { verdict: "match", after: 20 });
    assertEquals(decide(judge, bytesOf("PLAY rtsp://a/b RTSP/2.0\n")), { verdict: "match", after: 25 });
    assertEquals(decide(judge, bytesOf("OPTIONS * RTSP/3.0\r\n")), { verdict: "mismatch", after: 16 });
    assertEquals(decide(judge, bytesOf("OPTIONS * HTTP/1.1\r\n")), { verdict: "mismatch", after: 11 });
    assertEquals(decide(judge, bytesOf("OPTIONS sip:a SIP/2.0\r\n")), { verdict: "mismatch", after: 15 });
  },
});

Deno.test({
  name: "rtsp: method and target are facts",
  permissions: "none",
  fn(): void {
    assertEquals(rtspDetector.facts?.(bytesOf("OPTIONS * RTSP/1.0\r\n")), {
      "rtsp.method": "OPTIONS",
      "rtsp.uri": "*",
    });
  },
});
