import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { Detector, Verdict } from "../../lib/protocol/detector.ts";
import { tcpDetectors, udpDetectors } from "../../lib/protocol/table.ts";
import { type PacketFixture, packets } from "../fixtures/protocol/packets.ts";
import { securePackets } from "../fixtures/protocol/packets_secure.ts";
import { strangers } from "../fixtures/protocol/strangers.ts";
import { join } from "../support/verdicts.ts";
import { fuzzCount, mutate, Random } from "./mutations.ts";

const COUNT = fuzzCount(2_000);
const SEED = 0x5eed;
/** Random bytes rarely get past the first comparison, so most inputs are packets gone wrong. */
const RANDOM_SHARE = 4;
const CUTS = 6;

/** As much as a preview holds at most. */
const PREVIEW = 64 * 1024;
/** Far more than a linear detector takes for a full preview, far less than a quadratic one. */
const PREVIEW_MILLISECONDS = 50;
/** Bytes that keep some parser going: text, lines, digits, lists, dictionaries, chains, zeros. */
const FILLERS = [
  "a",
  "a ",
  " ",
  "\n",
  "\r\n",
  "0",
  "9",
  "l",
  "d",
  "1:a",
  "d1:a",
  "a='b' ",
  "\x00",
  "\x01\x00",
  "\xff",
];

const corpus: readonly PacketFixture[] = [...packets, ...securePackets, ...strangers];

function bytesOfPacket({ hex }: PacketFixture): Uint8Array {
  return Uint8Array.fromHex(hex);
}

function packetsFor({ name, transport }: Detector): readonly Uint8Array[] {
  return corpus.filter((packet) => packet.protocol === name && packet.transport === transport).map(
    bytesOfPacket,
  );
}

/** Packets of the detector's own protocol, some of others, and noise. */
function nextInput(own: readonly Uint8Array[], random: Random): Uint8Array {
  switch (random.below(RANDOM_SHARE)) {
    case 0:
      return random.bytes(random.below(100));
    case 1:
      return mutate(bytesOfPacket(random.pick(corpus)), random);
    default:
      return mutate(random.pick(own), random);
  }
}

function assertContract(detector: Detector, bytes: Uint8Array, random: Random): void {
  const verdict = detector.detect(bytes);
  if (detector.transport === "tcp") assertMonotone(detector, { bytes, verdict, random });
  else if (detector.name !== "quic") assertNotEquals(verdict, "incomplete");
  if (verdict !== "match") return;
  for (const [key, value] of Object.entries(detector.facts?.(bytes) ?? {})) {
    assertEquals(typeof value, "string", key);
  }
  if (detector.hasToldAll?.(bytes)) {
    const more = detector.facts?.(join(bytes, random.bytes(random.below(100))));
    assertEquals(more, detector.facts?.(bytes), "facts that come when all were told");
  }
}

interface Judged {
  readonly bytes: Uint8Array;
  readonly verdict: Verdict;
  readonly random: Random;
}

/** What is final for a prefix is final for everything longer. */
function assertMonotone(detector: Detector, { bytes, verdict, random }: Judged): void {
  if (bytes.length >= detector.budget) assertNotEquals(verdict, "incomplete", "the budget is used up");
  for (let cut = 0; cut < CUTS; cut++) {
    const length = random.below(bytes.length + 1);
    const early = detector.detect(bytes.subarray(0, length));
    if (early !== "incomplete") assertEquals(verdict, early, `final after ${length} bytes`);
  }
  if (verdict !== "incomplete") {
    assertEquals(detector.detect(join(bytes, random.bytes(8))), verdict, "with more bytes");
  }
}

function assertLinear(detector: Detector, bytes: Uint8Array): void {
  let fastest = Infinity;
  // The fastest of a few, because anything else may run on the machine meanwhile.
  for (let attempt = 0; attempt < 5 && fastest > PREVIEW_MILLISECONDS; attempt++) {
    const start = performance.now();
    detector.detect(bytes);
    fastest = Math.min(fastest, performance.now() - start);
  }
  assert(fastest <= PREVIEW_MILLISECONDS, `took ${fastest} ms for ${bytes.length} bytes`);
}

for (const detector of [...tcpDetectors, ...udpDetectors]) {
  const own = packetsFor(detector);

  Deno.test({
    name: `fuzz: ${detector.name} over ${detector.transport} keeps its contract`,
    permissions: "none",
    fn(): void {
      const random = new Random(SEED);
      for (let i = 0; i < COUNT; i++) {
        const bytes = nextInput(own, random);
        try {
          assertContract(detector, bytes, random);
        } catch (cause) {
          throw new Error(`input ${i}: ${bytes.toHex()}`, { cause });
        }
      }
    },
  });

  Deno.test({
    name: `fuzz: ${detector.name} over ${detector.transport} takes linear time`,
    permissions: "none",
    fn(): void {
      for (const filler of FILLERS) {
        const tail = Uint8Array.from(
          filler.repeat(PREVIEW / filler.length),
          (character) => character.charCodeAt(0),
        );
        for (const packet of own) {
          for (const kept of [0, 1, Math.ceil(packet.length / 2), packet.length - 1]) {
            const bytes = new Uint8Array(PREVIEW);
            bytes.set(tail.subarray(0, PREVIEW));
            bytes.set(packet.subarray(0, kept));
            assertLinear(detector, bytes);
          }
        }
      }
    },
  });
}
