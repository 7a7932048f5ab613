import { assertEquals } from "@std/assert";
import { decodeFirstHeaderBlock } from "../../lib/protocol/hpack.ts";
import { bytesOf, join } from "../support/verdicts.ts";

function decodeHex(hex: string): readonly (readonly [string, string])[] | undefined {
  return decodeFirstHeaderBlock(Uint8Array.fromHex(hex))?.map(({ name, value }) => [name, value]);
}

const EXAMPLE = [
  [":method", "GET"],
  [":scheme", "http"],
  [":path", "/"],
  [":authority", "www.example.com"],
] as const;

for (
  const [what, hex, fields] of [
    ["RFC 7541 appendix C.3.1", "828684410f7777772e6578616d706c652e636f6d", EXAMPLE],
    ["RFC 7541 appendix C.4.1, with Huffman code", "828684418cf1e3c2e5f23a6ba0ab90f4ff", EXAMPLE],
    ["a literal without indexing", "040c2f73616d706c652f70617468", [[":path", "/sample/path"]]],
    ["a literal never indexed", "100870617373776f726406736563726574", [["password", "secret"]]],
    ["an index of the static table's end", "bd", [["www-authenticate", ""]]],
    ["an entry that was just added", "40016101628283" + "be", [
      ["a", "b"],
      [":method", "GET"],
      [":method", "POST"],
      ["a", "b"],
    ]],
    ["the newest entry first", "4001610162" + "4001630164" + "bebf", [["a", "b"], ["c", "d"], ["c", "d"], [
      "a",
      "b",
    ]]],
    ["a table size update before the fields", "3fe11f82", [[":method", "GET"]]],
    ["nothing", "", []],
  ] as const
) {
  Deno.test({
    name: `a header block is decoded: ${what}`,
    permissions: "none",
    fn() {
      assertEquals(decodeHex(hex), fields.map(([name, value]) => [name, value]));
    },
  });
}

for (
  const [what, hex] of [
    ["index 0", "80"],
    ["an index beyond the tables", "be"],
    ["an evicted entry", "20" + "4001610162" + "be"],
    ["a table larger than allowed", "3fe21f82"],
    ["a table size update after a field", "8220"],
    ["a name that is cut off", "4005610162"],
    ["a value that is cut off", "4001610362"],
    ["an endless integer", "ff8080808080808001"],
    ["an integer that is cut off", "ff80"],
    ["a malformed Huffman string", "4001618100"],
  ] as const
) {
  Deno.test({
    name: `a malformed header block is refused: ${what}`,
    permissions: "none",
    fn() {
      assertEquals(decodeHex(hex), undefined);
    },
  });
}

Deno.test({
  name: "old entries make room for new ones",
  permissions: "none",
  fn() {
    const large = (name: string): Uint8Array => {
      return join(
        Uint8Array.of(0x40, 1),
        bytesOf(name),
        Uint8Array.fromHex("7fd10e"),
        bytesOf("x".repeat(2000)),
      );
    };
    const newest = decodeFirstHeaderBlock(
      join(large("a"), large("b"), large("c"), Uint8Array.of(0xbe, 0xbf)),
    );
    assertEquals(newest?.map(({ name }) => name), ["a", "b", "c", "c", "b"]);
    assertEquals(
      decodeFirstHeaderBlock(join(large("a"), large("b"), large("c"), Uint8Array.of(0xc0))),
      undefined,
    );
  },
});

Deno.test({
  name: "a block of too many fields is refused",
  permissions: "none",
  fn() {
    assertEquals(decodeFirstHeaderBlock(new Uint8Array(1024).fill(0x82))?.length, 1024);
    assertEquals(decodeFirstHeaderBlock(new Uint8Array(1025).fill(0x82)), undefined);
  },
});
