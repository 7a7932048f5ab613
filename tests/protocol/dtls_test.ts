import { assertEquals } from "@std/assert";
import { dtlsDetector, parseDtlsClientHello } from "../../lib/protocol/dtls.ts";
import { securePackets } from "../fixtures/protocol/packets_secure.ts";

const [whole, fragment] = securePackets.filter(({ protocol }) => protocol === "dtls")
  .map(({ hex }) => Uint8Array.fromHex(hex)) as [Uint8Array, Uint8Array];

function changed(index: number, value: number): Uint8Array {
  const datagram = whole.slice();
  datagram[index] = value;
  return datagram;
}

Deno.test({
  name: "a recorded DTLS hello gives its facts",
  permissions: "none",
  fn() {
    assertEquals(dtlsDetector.facts?.(whole), {
      sni: "dtls.example",
      "tls.version": "dtls1.2",
      ech: "false",
    });
  },
});

Deno.test({
  name: "a fragment of a DTLS hello is recognised, but says nothing",
  permissions: "none",
  fn() {
    assertEquals(dtlsDetector.detect(fragment), "match");
    assertEquals(dtlsDetector.facts?.(fragment), {});
    assertEquals(parseDtlsClientHello(fragment).verdict, "mismatch");
  },
});

for (
  const [what, index, value] of [
    ["application data", 0, 0x17],
    ["TLS", 1, 0x03],
    ["version 1.3 in the record", 2, 0xfc],
    ["a later epoch", 4, 1],
    ["a ServerHello", 13, 2],
    ["a record longer than the datagram", 12, 0xff],
    ["a fragment longer than its record", 24, 0xff],
    ["a fragment beyond the message", 21, 1],
  ] as const
) {
  Deno.test({
    name: `${what} is no DTLS hello`,
    permissions: "none",
    fn() {
      assertEquals(dtlsDetector.detect(changed(index, value)), "mismatch");
      assertEquals(parseDtlsClientHello(changed(index, value)).verdict, "mismatch");
    },
  });
}

Deno.test({
  name: "a DTLS datagram that is cut off is no hello",
  permissions: "none",
  fn() {
    for (let length = 0; length < whole.length; length++) {
      assertEquals(dtlsDetector.detect(whole.subarray(0, length)), "mismatch");
    }
  },
});
