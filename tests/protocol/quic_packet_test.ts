import { assertEquals } from "@std/assert";
import { readCoalescedPackets, readCryptoFrames, readLongHeader } from "../../lib/protocol/quic_packet.ts";
import { bytesOf, join, present } from "../support/verdicts.ts";

const IDS = "04aabbccdd" + "00";
const PROTECTED = "00".repeat(20);

Deno.test({
  name: "a long header says where its packet is",
  permissions: "none",
  fn() {
    const datagram = Uint8Array.fromHex("ff" + "c000000001" + IDS + "0355aa55" + "14" + PROTECTED + "ee");
    assertEquals(readLongHeader(datagram, 1), {
      version: 1,
      initial: true,
      destinationConnectionId: Uint8Array.fromHex("aabbccdd"),
      start: 1,
      packetNumber: 17,
      end: 37,
    });
  },
});

for (
  const [what, hex, initial] of [
    ["0-RTT of version 1", "d000000001" + IDS + "14", false],
    ["Handshake of version 1", "e000000001" + IDS + "14", false],
    ["Initial of version 2", "d06b3343cf" + IDS + "00" + "14", true],
    ["0-RTT of version 2", "e06b3343cf" + IDS + "14", false],
    ["Initial with a length in eight bytes", "c000000001" + IDS + "00" + "c000000000000014", true],
  ] as const
) {
  Deno.test({
    name: `a long header tells Initial packets from others: ${what}`,
    permissions: "none",
    fn() {
      assertEquals(readLongHeader(Uint8Array.fromHex(hex + PROTECTED), 0)?.initial, initial);
    },
  });
}

for (
  const [what, hex] of [
    ["a short header", "40aabbccdd"],
    ["a header without the fixed bit", "8000000001" + IDS + "00" + "14" + PROTECTED],
    ["Version Negotiation", "c000000000" + IDS + "00" + "14" + PROTECTED],
    ["a draft version", "c0ff00001d" + IDS + "00" + "14" + PROTECTED],
    ["Retry of version 1", "f000000001" + IDS + "00" + "14" + PROTECTED],
    ["Retry of version 2", "c06b3343cf" + IDS + "00" + "14" + PROTECTED],
    ["a connection id of 21 bytes", "c000000001" + "15" + "00".repeat(21) + "00" + "00" + "14" + PROTECTED],
    ["a packet longer than its datagram", "c000000001" + IDS + "00" + "15" + PROTECTED],
    ["a packet too short for its protection", "c000000001" + IDS + "00" + "13" + PROTECTED],
    ["a token longer than its datagram", "c000000001" + IDS + "ffffffffffffffff" + "14" + PROTECTED],
    ["nothing", ""],
  ] as const
) {
  Deno.test({
    name: `a packet that cannot be read is left alone: ${what}`,
    permissions: "none",
    fn() {
      assertEquals(readLongHeader(Uint8Array.fromHex(hex), 0), undefined);
    },
  });
}

Deno.test({
  name: "a datagram is split into its packets, up to a limit",
  permissions: "none",
  fn() {
    const packet = Uint8Array.fromHex("c000000001" + IDS + "00" + "14" + PROTECTED);
    const datagram = join(packet, packet, packet, new Uint8Array(50));
    const starts = readCoalescedPackets(datagram, { limit: 8 }).map(({ start }) => start);
    assertEquals(starts, [0, packet.length, 2 * packet.length]);
    assertEquals(readCoalescedPackets(datagram, { limit: 2 }).length, 2);
  },
});

Deno.test({
  name: "CRYPTO frames are found among the others of an Initial packet",
  permissions: "none",
  fn() {
    const payload = join(
      Uint8Array.fromHex("0000" + "01" + "02400a0001020304"),
      Uint8Array.fromHex("06400503616263" + "030a000000010203" + "0600026869" + "1c000003627965" + "00"),
    );
    assertEquals(
      present(readCryptoFrames(payload)).map(({ offset, data }) => ({ offset, data: data.slice() })),
      [
        { offset: 5, data: bytesOf("abc") },
        { offset: 0, data: bytesOf("hi") },
      ],
    );
  },
});

for (const [what, hex] of [["a STREAM frame", "0800"], ["a frame that is cut off", "06000501"]] as const) {
  Deno.test({
    name: `an Initial packet with ${what} is none`,
    permissions: "none",
    fn() {
      assertEquals(readCryptoFrames(Uint8Array.fromHex(hex)), undefined);
    },
  });
}
