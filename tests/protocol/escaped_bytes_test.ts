import { assertEquals } from "@std/assert";
import { escapeBytes, unescapeBytes } from "../../lib/protocol/escaped_bytes.ts";

Deno.test({
  name: "every byte survives being escaped and unescaped",
  permissions: "none",
  fn: () => {
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    assertEquals(unescapeBytes(escapeBytes(all)), all);
  },
});

for (
  const [rule, text, bytes] of [
    ["escapes stand for bytes, in either case", "\\r\\N\\t\\0\\x7F\\\\", [13, 10, 9, 0, 0x7f, 0x5c]],
    ["a backslash before anything else stands for itself", "\\q\\x1", [0x5c, 0x71, 0x5c, 0x78, 0x31]],
    ["an escaped backslash ends its escape", "\\\\n", [0x5c, 0x6e]],
    ["other characters are UTF-8", "é", [0xc3, 0xa9]],
    ["no text is no bytes", "", []],
  ] as const
) {
  Deno.test({
    name: `reading escaped bytes: ${rule}`,
    permissions: "none",
    fn: () => assertEquals([...unescapeBytes(text)], [...bytes]),
  });
}
