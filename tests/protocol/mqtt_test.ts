import { assertEquals } from "@std/assert";
import { mqttDetector } from "../../lib/protocol/mqtt.ts";
import { bytesOf, decide, join } from "../support/verdicts.ts";

const judge = (bytes: Uint8Array) => mqttDetector.detect(bytes);

/** A CONNECT packet with a one-byte remaining length. */
function connect(body: string): Uint8Array {
  return join(Uint8Array.of(0x10, body.length), bytesOf(body));
}

Deno.test({
  name: "mqtt: CONNECT is decided by its flags",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judge, connect("\0\x04MQTT\x04\x02\0\x3c\0\x01a")), { verdict: "match", after: 10 });
    assertEquals(decide(judge, connect("\0\x06MQIsdp\x03\x02\0\x3c\0\x01a")), {
      verdict: "match",
      after: 12,
    });
  },
});

Deno.test({
  name: "mqtt: each protocol name has its own levels",
  permissions: "none",
  fn(): void {
    assertEquals(judge(connect("\0\x04MQTT\x05\x02\0\x3c\0\0\x01a")), "match");
    assertEquals(judge(connect("\0\x04MQTT\x84\x02\0\x3c\0\x01a")), "match");
    assertEquals(judge(connect("\0\x04MQTT\x03\x02\0\x3c\0\x01a")), "mismatch");
    assertEquals(judge(connect("\0\x04MQTT\x06\x02\0\x3c\0\x01a")), "mismatch");
    assertEquals(judge(connect("\0\x06MQIsdp\x04\x02\0\x3c\0\x01a")), "mismatch");
  },
});

Deno.test({
  name: "mqtt: reserved flags, and details of a will without one, are a mismatch",
  permissions: "none",
  fn(): void {
    assertEquals(judge(connect("\0\x04MQTT\x04\x03\0\x3c\0\x01a")), "mismatch");
    assertEquals(judge(connect("\0\x04MQTT\x04\x20\0\x3c\0\x01a")), "mismatch");
    assertEquals(judge(connect("\0\x04MQTT\x04\x24\0\x3c\0\x01a")), "match");
  },
});

Deno.test({
  name: "mqtt: the remaining length is a minimal varint with room for the packet",
  permissions: "none",
  fn(): void {
    const header = "\0\x04MQTT\x04\x02";
    assertEquals(judge(bytesOf(`\x10\xc8\x01${header}`)), "match");
    assertEquals(decide(judge, bytesOf(`\x10\x8c\0${header}`)), { verdict: "mismatch", after: 3 });
    assertEquals(decide(judge, bytesOf("\x10\xff\xff\xff\xff")), { verdict: "mismatch", after: 5 });
    assertEquals(decide(judge, bytesOf(`\x10\x0b${header}`)), { verdict: "mismatch", after: 2 });
  },
});

Deno.test({
  name: "mqtt: version and client id are facts, whatever precedes the id",
  permissions: "none",
  fn(): void {
    const facts = (bytes: Uint8Array) => mqttDetector.facts?.(bytes);
    assertEquals(facts(connect("\0\x04MQTT\x04\x02\0\x3c\0\x03abc")), {
      "mqtt.version": "3.1.1",
      "mqtt.client-id": "abc",
    });
    assertEquals(facts(connect("\0\x04MQTT\x05\x02\0\x3c\x03\x21\0\x14\0\x02de")), {
      "mqtt.version": "5.0",
      "mqtt.client-id": "de",
    });
    assertEquals(facts(connect("\0\x06MQIsdp\x03\x02\0\x3c\0\x01\xc3")), {
      "mqtt.version": "3.1",
      "mqtt.client-id": "\ufffd",
    });
    assertEquals(facts(connect("\0\x04MQTT\x04\x02\0\x3c\0\x03abc").subarray(0, 15)), {
      "mqtt.version": "3.1.1",
    });
  },
});
