import { assertEquals } from "@std/assert";
import { syslogTcpDetector, syslogUdpDetector } from "../../lib/protocol/syslog.ts";
import { bytesOf, decide } from "../support/verdicts.ts";

const judge = (bytes: Uint8Array) => syslogTcpDetector.detect(bytes);

Deno.test({
  name: "syslog: a priority is decided by its bracket",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judge, bytesOf("<0>x")), { verdict: "match", after: 3 });
    assertEquals(decide(judge, bytesOf("<191>1 ")), { verdict: "match", after: 5 });
    assertEquals(decide(judge, bytesOf("<192>")), { verdict: "mismatch", after: 4 });
    assertEquals(decide(judge, bytesOf("<1911>")), { verdict: "mismatch", after: 5 });
    assertEquals(decide(judge, bytesOf("<013>")), { verdict: "mismatch", after: 3 });
    assertEquals(decide(judge, bytesOf("<>")), { verdict: "mismatch", after: 2 });
    assertEquals(decide(judge, bytesOf("<a>")), { verdict: "mismatch", after: 2 });
  },
});

Deno.test({
  name: "syslog: an octet count may precede, over TCP only",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judge, bytesOf("102 <13>1 ")), { verdict: "match", after: 8 });
    assertEquals(decide(judge, bytesOf("0 <13>")), { verdict: "mismatch", after: 1 });
    assertEquals(decide(judge, bytesOf("1234567 <13>")), { verdict: "mismatch", after: 7 });
    assertEquals(decide(judge, bytesOf("12x")), { verdict: "mismatch", after: 3 });
    assertEquals(syslogUdpDetector.detect(bytesOf("102 <13>1 ")), "mismatch");
    assertEquals(syslogUdpDetector.detect(bytesOf("<13>1 ")), "match");
    assertEquals(syslogUdpDetector.detect(bytesOf("<13")), "mismatch");
  },
});

Deno.test({
  name: "syslog: facility and severity are facts",
  permissions: "none",
  fn(): void {
    assertEquals(syslogTcpDetector.facts?.(bytesOf("102 <165>1 ")), {
      "syslog.facility": "20",
      "syslog.severity": "5",
    });
    assertEquals(syslogUdpDetector.facts?.(bytesOf("<0>")), {
      "syslog.facility": "0",
      "syslog.severity": "0",
    });
  },
});
