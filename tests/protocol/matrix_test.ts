import { assert, assertEquals, assertFalse, assertNotEquals } from "@std/assert";
import { isSecretKey } from "../../lib/config/secrets.ts";
import type { Detector, Verdict } from "../../lib/protocol/detector.ts";
import { detectorNames, detectorTable, tcpDetectors, udpDetectors } from "../../lib/protocol/table.ts";
import { serverSpeaksFirst } from "../../lib/protocol/silent.ts";
import { type PacketFixture, packets } from "../fixtures/protocol/packets.ts";
import { securePackets } from "../fixtures/protocol/packets_secure.ts";
import { strangers } from "../fixtures/protocol/strangers.ts";
import { decide, join } from "../support/verdicts.ts";

/** What follows a first packet may be of any kind; this looks like nothing in particular. */
const JUNK = Uint8Array.of(0xff, 0x00, 0x0d, 0x0a, 0x20, 0x41, 0x7f, 0x80);

/**
 * Packets so short that they also begin a packet of another protocol: three bytes `05 01 00` greet a SOCKS5 server
 * and are the length 261 of a MongoDB message.
 */
const UNDECIDED: ReadonlyMap<string, string> = new Map([["050100", "mongodb"]]);

const detectors: readonly Detector[] = [...tcpDetectors, ...udpDetectors];
const known: readonly PacketFixture[] = [...packets, ...securePackets];

function title({ protocol, transport, name }: PacketFixture): string {
  return `${protocol} over ${transport}, ${name}`;
}

function isFor(detector: Detector, { protocol, transport }: PacketFixture): boolean {
  return detector.name === protocol && detector.transport === transport;
}

function expected(detector: Detector, packet: PacketFixture): Verdict {
  if (isFor(detector, packet)) return "match";
  return UNDECIDED.get(packet.hex) === detector.name ? "incomplete" : "mismatch";
}

function assertSplitsDoNotMatter(packet: PacketFixture): void {
  const bytes = Uint8Array.fromHex(packet.hex);
  for (const detector of tcpDetectors) {
    const { verdict, after } = decide((prefix) => detector.detect(prefix), bytes);
    assertEquals(verdict, expected(detector, packet), detector.name);
    assert(after <= detector.budget, `${detector.name} took ${after} bytes`);
    if (verdict === "incomplete") continue;
    assertEquals(detector.detect(join(bytes.subarray(0, after), JUNK)), verdict, detector.name);
    assertEquals(detector.detect(join(bytes, JUNK)), verdict, detector.name);
  }
}

function assertCutOffIsDecided(packet: PacketFixture): void {
  const bytes = Uint8Array.fromHex(packet.hex);
  for (const detector of udpDetectors) {
    for (let length = 0; length <= bytes.length; length++) {
      const verdict = detector.detect(bytes.subarray(0, length));
      assertNotEquals(verdict, "incomplete", `${detector.name} at ${length}`);
      if (!isFor(detector, packet)) assertEquals(verdict, "mismatch", `${detector.name} at ${length}`);
    }
  }
}

for (const packet of known) {
  Deno.test({
    name: `matrix: only its own detector takes ${title(packet)}`,
    permissions: "none",
    fn(): void {
      const bytes = Uint8Array.fromHex(packet.hex);
      for (const detector of packet.transport === "tcp" ? tcpDetectors : udpDetectors) {
        assertEquals(detector.detect(bytes), expected(detector, packet), detector.name);
      }
    },
  });

  Deno.test({
    name: packet.transport === "tcp"
      ? `matrix: no split and nothing that follows changes a verdict on ${title(packet)}`
      : `matrix: a datagram cut off anywhere is decided, ${title(packet)}`,
    permissions: "none",
    fn(): void {
      if (packet.transport === "tcp") assertSplitsDoNotMatter(packet);
      else assertCutOffIsDecided(packet);
    },
  });

  Deno.test({
    name: `matrix: every matching prefix tells facts as text, ${title(packet)}`,
    permissions: "none",
    fn(): void {
      const bytes = Uint8Array.fromHex(packet.hex);
      const detector = detectors.find((candidate) => isFor(candidate, packet));
      for (let length = 0; length <= bytes.length; length++) {
        const prefix = bytes.subarray(0, length);
        if (detector?.detect(prefix) !== "match") continue;
        for (const [key, value] of Object.entries(detector.facts?.(prefix) ?? {})) {
          assertEquals(typeof value, "string", `${key} at ${length}`);
          assertFalse(isSecretKey(key), `logs would hide ${key}`);
        }
      }
    },
  });
}

for (const packet of strangers) {
  Deno.test({
    name: `matrix: no detector takes ${title(packet)}`,
    permissions: "none",
    fn(): void {
      const bytes = Uint8Array.fromHex(packet.hex);
      for (const detector of packet.transport === "tcp" ? tcpDetectors : udpDetectors) {
        assertNotEquals(detector.detect(bytes), "match", detector.name);
      }
    },
  });
}

Deno.test({
  name: "matrix: every detector has a packet, and every packet a detector",
  permissions: "none",
  fn(): void {
    for (const detector of detectors) {
      assert(known.some((packet) => isFor(detector, packet)), `${detector.name} over ${detector.transport}`);
    }
    for (const packet of known) {
      assert(detectors.some((detector) => isFor(detector, packet)), title(packet));
    }
  },
});

Deno.test({
  name: "matrix: no packet is there twice",
  permissions: "none",
  fn(): void {
    assertEquals(new Set(known.map(title)).size, known.length);
  },
});

Deno.test({
  name: "table: a name stands for every framing of its protocol",
  permissions: "none",
  fn(): void {
    const framings = (name: string) => detectorTable.get(name)?.map(({ transport }) => transport);
    assertEquals(framings("dns"), ["tcp", "udp"]);
    assertEquals(framings("ssh"), ["tcp"]);
    assertEquals(framings("wireguard"), ["udp"]);
    assertEquals(detectorTable.get("http")?.map(({ name }) => name), ["http1", "http2"]);
  },
});

Deno.test({
  name: "table: nothing claims to detect a protocol in which the server speaks first",
  permissions: "none",
  fn(): void {
    for (const name of serverSpeaksFirst) assert(!detectorNames.includes(name), name);
  },
});
