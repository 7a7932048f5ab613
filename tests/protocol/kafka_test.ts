import { assertEquals } from "@std/assert";
import { kafkaDetector } from "../../lib/protocol/kafka.ts";
import { decide } from "../support/verdicts.ts";

const judge = (bytes: Uint8Array) => kafkaDetector.detect(bytes);
const bytes = (hex: string) => Uint8Array.fromHex(hex.replaceAll(" ", ""));

Deno.test({
  name: "kafka: ApiVersions is decided by the length of its client id",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judge, bytes("0000000e 0012 0002 00000000 0004 64656d6f")), {
      verdict: "match",
      after: 14,
    });
    assertEquals(decide(judge, bytes("0000000a 0012 0000 00000000 ffff")), { verdict: "match", after: 14 });
    assertEquals(decide(judge, bytes("0000000f 0012 0002 00000000 0004 64656d6f")), {
      verdict: "mismatch",
      after: 14,
    });
    assertEquals(judge(bytes("00000012 0012 0003 00000000 0004")), "match");
    assertEquals(judge(bytes("00000011 0012 0003 00000000 0004")), "mismatch");
  },
});

Deno.test({
  name: "kafka: another request, version or size is a mismatch at its byte",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judge, bytes("00000008 04d2162f")), { verdict: "mismatch", after: 5 });
    assertEquals(decide(judge, bytes("0000000e 0003")), { verdict: "mismatch", after: 6 });
    assertEquals(decide(judge, bytes("0000000e 0012 0005")), { verdict: "mismatch", after: 8 });
    assertEquals(decide(judge, bytes("00000800")), { verdict: "mismatch", after: 3 });
  },
});

Deno.test({
  name: "kafka: the client id is a fact once it is there",
  permissions: "none",
  fn(): void {
    const facts = (hex: string) => kafkaDetector.facts?.(bytes(hex));
    assertEquals(facts("0000000e 0012 0002 00000000 0004 64656d6f"), { "kafka.client-id": "demo" });
    assertEquals(facts("0000000e 0012 0002 00000000 0004 64656d"), {});
    assertEquals(facts("0000000a 0012 0000 00000000 ffff"), {});
  },
});
