import { assertEquals } from "@std/assert";
import { wireguardDetector } from "../../lib/protocol/wireguard.ts";

function message(type: number, length: number): Uint8Array {
  return new Uint8Array(length).fill(0xa5).fill(0, 1, 4).with(0, type);
}

Deno.test({
  name: "wireguard: a message is told by its type and its length together",
  permissions: "none",
  fn(): void {
    const lengths: Readonly<Record<number, readonly number[]>> = {
      1: [148],
      2: [92],
      3: [64],
      4: [32, 48, 64, 1424],
    };
    for (let type = 0; type < 6; type++) {
      for (const length of [31, 32, 33, 48, 64, 65, 92, 147, 148, 149, 1424]) {
        const expected = lengths[type]?.includes(length) ? "match" : "mismatch";
        assertEquals(wireguardDetector.detect(message(type, length)), expected, `${type} of ${length}`);
      }
    }
  },
});

Deno.test({
  name: "wireguard: the reserved bytes are zero",
  permissions: "none",
  fn(): void {
    for (const index of [1, 2, 3]) {
      assertEquals(wireguardDetector.detect(message(1, 148).with(index, 1)), "mismatch");
    }
  },
});

Deno.test({
  name: "wireguard: the kind of message is a fact",
  permissions: "none",
  fn(): void {
    assertEquals(wireguardDetector.facts?.(message(1, 148)), { "wireguard.message": "initiation" });
    assertEquals(wireguardDetector.facts?.(message(4, 32)), { "wireguard.message": "data" });
  },
});
