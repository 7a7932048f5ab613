import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { Detector } from "../../lib/protocol/detector.ts";
import { dnsTcpDetector, dnsUdpDetector } from "../../lib/protocol/dns.ts";
import { dtlsDetector } from "../../lib/protocol/dtls.ts";
import { http1Detector } from "../../lib/protocol/http1.ts";
import { http2Detector } from "../../lib/protocol/http2.ts";
import { postgresDetector } from "../../lib/protocol/postgres.ts";
import { quicDetector } from "../../lib/protocol/quic.ts";
import { tlsDetector } from "../../lib/protocol/tls.ts";
import type { PacketFixture } from "../fixtures/protocol/packets.ts";
import { securePackets } from "../fixtures/protocol/packets_secure.ts";
import { decide, join } from "../support/verdicts.ts";

const detectors: readonly Detector[] = [
  dnsTcpDetector,
  dnsUdpDetector,
  dtlsDetector,
  http1Detector,
  http2Detector,
  postgresDetector,
  quicDetector,
  tlsDetector,
];

function isFor(detector: Detector, { protocol, transport }: PacketFixture): boolean {
  return detector.name === protocol && detector.transport === transport;
}

function assertSplitDoesNotMatter(packet: PacketFixture): void {
  const bytes = Uint8Array.fromHex(packet.hex);
  for (const detector of detectors.filter(({ transport }) => transport === "tcp")) {
    const { verdict, after } = decide((prefix) => detector.detect(prefix), bytes);
    assertEquals(verdict, isFor(detector, packet) ? "match" : "mismatch", detector.name);
    assert(after <= detector.budget);
    const followed = join(bytes.subarray(0, after), Uint8Array.of(0xff, 0x00, 0x0d, 0x0a));
    assertEquals(detector.detect(followed), verdict, detector.name);
  }
}

function assertCutDecides({ hex }: PacketFixture): void {
  const bytes = Uint8Array.fromHex(hex);
  for (const detector of detectors.filter(({ transport }) => transport === "udp")) {
    for (let length = 0; length <= bytes.length; length++) {
      assertNotEquals(detector.detect(bytes.subarray(0, length)), "incomplete", detector.name);
    }
  }
}

for (const packet of securePackets) {
  const bytes = Uint8Array.fromHex(packet.hex);
  const detector = detectors.find((candidate) => isFor(candidate, packet));

  Deno.test({
    name: `${packet.protocol} over ${packet.transport} is recognised: ${packet.name}`,
    permissions: "none",
    fn() {
      assert(detector !== undefined);
      assertEquals(detector.detect(bytes), "match");
    },
  });

  Deno.test({
    name: `nothing else is seen in ${packet.protocol} over ${packet.transport}: ${packet.name}`,
    permissions: "none",
    fn() {
      for (const other of detectors) {
        if (other.transport !== packet.transport || other === detector) continue;
        assertEquals(other.detect(bytes), "mismatch", other.name);
      }
    },
  });

  Deno.test({
    name: `${
      packet.transport === "tcp" ? "its split" : "a cut"
    } cannot mislead: ${packet.protocol}, ${packet.name}`,
    permissions: "none",
    fn: () => packet.transport === "tcp" ? assertSplitDoesNotMatter(packet) : assertCutDecides(packet),
  });
}

Deno.test({
  name: "every detector has a recorded packet",
  permissions: "none",
  fn() {
    for (const detector of detectors) assert(securePackets.some((packet) => isFor(detector, packet)));
  },
});
