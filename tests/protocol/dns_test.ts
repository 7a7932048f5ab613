import { assertEquals } from "@std/assert";
import type { Facts } from "../../lib/protocol/detector.ts";
import { dnsTcpDetector, dnsUdpDetector } from "../../lib/protocol/dns.ts";
import { securePackets } from "../fixtures/protocol/packets_secure.ts";
import { bytesOf, decide, join } from "../support/verdicts.ts";

const HEADER = "1234" + "0100" + "0001" + "0000" + "0000" + "0000";
const QUESTION = "03777777076578616d706c6503636f6d00" + "0001" + "0001";
const OPTIONS = "0000290200000000000000";

function framed(query: Uint8Array): Uint8Array {
  return join(Uint8Array.of(query.length >> 8, query.length & 0xff), query);
}

const expected: Readonly<Record<string, Facts>> = {
  "dig 9.18, A with EDNS": { "dns.name": "example.com", "dns.type": "A" },
  "dig 9.18, AAAA without EDNS": { "dns.name": "www.example.org", "dns.type": "AAAA" },
  "dig 9.18, MX": { "dns.name": "example.com", "dns.type": "MX" },
  "dig 9.18, NS of the root": { "dns.name": ".", "dns.type": "NS" },
};

for (const { transport, name, hex } of securePackets.filter(({ protocol }) => protocol === "dns")) {
  Deno.test({
    name: `a recorded query gives its facts: ${name} over ${transport}`,
    permissions: "none",
    fn() {
      const detector = transport === "tcp" ? dnsTcpDetector : dnsUdpDetector;
      assertEquals(detector.facts?.(Uint8Array.fromHex(hex)), expected[name]);
    },
  });
}

for (
  const [what, hex] of [
    ["a plain query", HEADER + QUESTION],
    ["DNSSEC and AD bits", HEADER.replace("0100", "0130") + QUESTION],
    ["EDNS", HEADER.replace(/0000$/, "0001") + QUESTION + OPTIONS],
    ["the root", HEADER + "00" + "0002" + "0001"],
    ["the class CHAOS", HEADER + QUESTION.replace(/0001$/, "0003")],
    ["the longest label", HEADER + "3f" + "61".repeat(63) + "00" + "0001" + "0001"],
    [
      "the longest name",
      HEADER + ("3f" + "61".repeat(63)).repeat(3) + "3d" + "61".repeat(61) + "00" + "0001" + "0001",
    ],
  ] as const
) {
  Deno.test({
    name: `${what} is DNS, over UDP and TCP`,
    permissions: "none",
    fn() {
      const query = Uint8Array.fromHex(hex);
      assertEquals(dnsUdpDetector.detect(query), "match");
      assertEquals(decide(dnsTcpDetector.detect, framed(query)).verdict, "match");
    },
  });
}

for (
  const [what, hex] of [
    ["a response", HEADER.replace("0100", "8100") + QUESTION],
    ["another opcode", HEADER.replace("0100", "2800") + QUESTION],
    ["the reserved bit", HEADER.replace("0100", "0140") + QUESTION],
    ["an error code", HEADER.replace("0100", "0103") + QUESTION],
    ["no question", HEADER.replace("0001", "0000") + QUESTION],
    ["two questions", HEADER.replace("0001", "0002") + QUESTION + QUESTION],
    ["an answer", HEADER.replace("00010000", "00010001") + QUESTION + OPTIONS],
    ["four additional records", HEADER.replace(/0000$/, "0004") + QUESTION + OPTIONS.repeat(4)],
    ["a compressed name", HEADER + "c00c" + "0001" + "0001" + "00000000"],
    ["a name that is too long", HEADER + ("3f" + "61".repeat(63)).repeat(4) + "00" + "0001" + "0001"],
    ["a name without end", HEADER + "03777777"],
    ["type 0", HEADER + QUESTION.replace("00010001", "00000001")],
    ["an unknown class", HEADER + QUESTION.replace(/0001$/, "0002")],
    ["bytes after its only question", HEADER + QUESTION + "00"],
    ["an announced record that is not there", HEADER.replace(/0000$/, "0001") + QUESTION + "00"],
    ["a header alone", HEADER],
  ] as const
) {
  Deno.test({
    name: `a message with ${what} is no DNS query, over UDP and TCP`,
    permissions: "none",
    fn() {
      const query = Uint8Array.fromHex(hex);
      assertEquals(dnsUdpDetector.detect(query), "mismatch");
      assertEquals(decide(dnsTcpDetector.detect, framed(query)).verdict, "mismatch");
    },
  });
}

Deno.test({
  name: "DNS over TCP is certain with the question, and more queries may follow",
  permissions: "none",
  fn() {
    const query = framed(Uint8Array.fromHex(HEADER.replace(/0000$/, "0001") + QUESTION + OPTIONS));
    const after = 2 + 12 + QUESTION.length / 2;
    assertEquals(decide(dnsTcpDetector.detect, join(query, query)), { verdict: "match", after });
  },
});

for (const text of ["GET / HTTP/1.1\r\n", "\x05\x01\x00", "\x04\x01\x00\x50", "\x16\x03\x01", "\x00\x10"]) {
  Deno.test({
    name: `other protocols are no DNS over TCP: ${JSON.stringify(text)}`,
    permissions: "none",
    fn() {
      assertEquals(decide(dnsTcpDetector.detect, bytesOf(text)).verdict, "mismatch");
    },
  });
}

Deno.test({
  name: "names are in lower case, and unusual bytes escaped",
  permissions: "none",
  fn() {
    const query = join(
      Uint8Array.fromHex(HEADER + "05"),
      bytesOf("A.\\ \xff"),
      Uint8Array.fromHex("00" + "ff00" + "0001"),
    );
    assertEquals(dnsUdpDetector.facts?.(query), {
      "dns.name": "a\\.\\\\\\032\\255",
      "dns.type": "TYPE65280",
    });
  },
});
