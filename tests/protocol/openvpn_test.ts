import { assertEquals } from "@std/assert";
import { openvpnTcpDetector, openvpnUdpDetector } from "../../lib/protocol/openvpn.ts";
import { decide, join } from "../support/verdicts.ts";

const SESSION = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const PLAIN = join(Uint8Array.of(0x38), SESSION, new Uint8Array(5));

function framed(packet: Uint8Array): Uint8Array {
  return join(Uint8Array.of(packet.length >> 8, packet.length & 0xff), packet);
}

/** A reset of the given opcode around a body that all variants could share. */
function protectedReset(opcode: number, length: number): Uint8Array {
  const packet = new Uint8Array(length).fill(0xa5);
  packet.set(join(Uint8Array.of(opcode), SESSION, Uint8Array.of(0, 0, 0, 1)));
  return packet;
}

const judgeStream = (bytes: Uint8Array) => openvpnTcpDetector.detect(bytes);

Deno.test({
  name: "openvpn: a reset counts only as a whole",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judgeStream, framed(PLAIN)), { verdict: "match", after: 16 });
    assertEquals(openvpnUdpDetector.detect(PLAIN), "match");
    assertEquals(openvpnUdpDetector.detect(PLAIN.subarray(0, 13)), "mismatch");
    assertEquals(openvpnUdpDetector.detect(join(PLAIN, Uint8Array.of(0))), "mismatch");
  },
});

Deno.test({
  name: "openvpn: a length that no reset has is a mismatch before anything else",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judgeStream, Uint8Array.of(0x00, 0x00)), { verdict: "mismatch", after: 2 });
    assertEquals(decide(judgeStream, Uint8Array.of(0x05)), { verdict: "mismatch", after: 1 });
    assertEquals(decide(judgeStream, Uint8Array.of(0x00, 0x0f)), { verdict: "mismatch", after: 2 });
  },
});

Deno.test({
  name: "openvpn: a session id is not zero",
  permissions: "none",
  fn(): void {
    assertEquals(openvpnUdpDetector.detect(PLAIN.with(1, 0)), "match");
    assertEquals(openvpnUdpDetector.detect(new Uint8Array(14).with(0, 0x38)), "mismatch");
    assertEquals(decide(judgeStream, framed(new Uint8Array(14).with(0, 0x38))), {
      verdict: "mismatch",
      after: 11,
    });
  },
});

Deno.test({
  name: "openvpn: opcode, key id and message id are those of a first reset",
  permissions: "none",
  fn(): void {
    assertEquals(openvpnUdpDetector.detect(PLAIN.with(0, 0x39)), "mismatch");
    assertEquals(openvpnUdpDetector.detect(PLAIN.with(0, 0x40)), "mismatch");
    assertEquals(openvpnUdpDetector.detect(PLAIN.with(13, 1)), "mismatch");
  },
});

Deno.test({
  name: "openvpn: tls-crypt is told by its replay id",
  permissions: "none",
  fn(): void {
    assertEquals(openvpnUdpDetector.detect(protectedReset(0x38, 54)), "match");
    assertEquals(openvpnUdpDetector.detect(protectedReset(0x38, 54).with(12, 0)), "mismatch");
    assertEquals(openvpnUdpDetector.detect(protectedReset(0x38, 54).with(10, 7)), "mismatch");
    assertEquals(openvpnUdpDetector.detect(protectedReset(0x38, 42)), "mismatch");
  },
});

Deno.test({
  name: "openvpn: tls-crypt-v2 ends in the length of its wrapped key",
  permissions: "none",
  fn(): void {
    const packet = protectedReset(0x50, 400);
    assertEquals(openvpnUdpDetector.detect(packet), "mismatch");
    packet.set([(400 - 54) >> 8, (400 - 54) & 0xff], 398);
    assertEquals(openvpnUdpDetector.detect(packet), "match");
    assertEquals(decide(judgeStream, framed(packet)), { verdict: "match", after: 402 });
    assertEquals(openvpnUdpDetector.detect(packet.with(0, 0x38)), "mismatch");
  },
});
