import { assertEquals } from "@std/assert";
import { decodeHuffman } from "../../lib/protocol/huffman.ts";

/** The examples of RFC 7541 appendices C.4 and C.6. */
const EXAMPLES = [
  ["f1e3c2e5f23a6ba0ab90f4ff", "www.example.com"],
  ["a8eb10649cbf", "no-cache"],
  ["25a849e95ba97d7f", "custom-key"],
  ["25a849e95bb8e8b4bf", "custom-value"],
  ["d07abe941054d444a8200595040b8166e082a62d1bff", "Mon, 21 Oct 2013 20:13:21 GMT"],
  ["9d29ad171863c78f0b97c8e9ae82ae43d3", "https://www.example.com"],
  [
    "94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
    "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
  ],
  ["", ""],
] as const;

for (const [hex, text] of EXAMPLES) {
  Deno.test({
    name: `a string is decoded: "${text}"`,
    permissions: "none",
    fn() {
      assertEquals(decodeHuffman(Uint8Array.fromHex(hex)), text);
    },
  });
}

for (
  const [what, hex] of [
    ["padding of zeros", "a8eb10649cb0"],
    ["padding of a whole byte", "a8eb10649cbfff"],
    ["the end of string", "fffffffc"],
  ] as const
) {
  Deno.test({
    name: `a string with ${what} is malformed`,
    permissions: "none",
    fn() {
      assertEquals(decodeHuffman(Uint8Array.fromHex(hex)), undefined);
    },
  });
}
