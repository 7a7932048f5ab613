import { assertEquals } from "@std/assert";
import { amqpDetector } from "../../lib/protocol/amqp.ts";
import { bytesOf, decide } from "../support/verdicts.ts";

Deno.test({
  name: "amqp: the header decides at the first byte that no version has",
  permissions: "none",
  fn(): void {
    const judge = (bytes: Uint8Array) => amqpDetector.detect(bytes);
    assertEquals(decide(judge, bytesOf("AMQP\0\0\x09\x01")), { verdict: "match", after: 8 });
    assertEquals(decide(judge, bytesOf("AMQP\x03\x01\0\0")), { verdict: "match", after: 8 });
    assertEquals(decide(judge, bytesOf("AMQP\x01\x01\x08\0")), { verdict: "mismatch", after: 7 });
    assertEquals(decide(judge, bytesOf("AMQP\x04")), { verdict: "mismatch", after: 5 });
    assertEquals(decide(judge, bytesOf("AMQX")), { verdict: "mismatch", after: 4 });
  },
});

Deno.test({
  name: "amqp: the version is a fact",
  permissions: "none",
  fn(): void {
    const version = (text: string) => amqpDetector.facts?.(bytesOf(text))["amqp.version"];
    assertEquals(version("AMQP\0\0\x09\x01"), "0-9-1");
    assertEquals(version("AMQP\x01\x01\0\x0a"), "0-10");
    assertEquals(version("AMQP\x03\x01\0\0"), "1.0");
  },
});
