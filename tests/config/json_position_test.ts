import { assertEquals, assertThrows } from "@std/assert";
import { locateJsonError } from "../../lib/config/json_position.ts";

for (
  const [text, line, column] of [
    ["", 1, 1],
    ["{", 1, 2],
    ['{"a":}', 1, 6],
    ['{"a":1,}', 1, 8],
    ['{\n"a": 1 "b"', 2, 8],
    ["nul", 1, 4],
    ["nux", 1, 3],
    ['{"a": "x\n"}', 1, 9],
    ["[1,\n2\n", 3, 1],
    ["[-]", 1, 3],
    ['["\\x"]', 1, 4],
    ["[1] 2", 1, 5],
    ['{"a": 1, "b": [1, 2, {"c": tru}], "d": "' + "x".repeat(100) + '"}', 1, 31],
  ] as const
) {
  Deno.test({
    name: `malformed JSON goes wrong at ${line}:${column}: ${JSON.stringify(text.slice(0, 30))}`,
    permissions: "none",
    fn: () => {
      assertThrows(() => JSON.parse(text), SyntaxError);
      assertEquals(locateJsonError(text), { line, column });
    },
  });
}
