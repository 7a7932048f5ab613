import { assertEquals, assertThrows } from "@std/assert";
import { rejectDuplicateJsonKeys } from "../../lib/config/json_keys.ts";

for (
  const [text, problem] of [
    ["{}"],
    ['{"a": {"a": 1}, "b": [{"a": 1}, {"a": 1}, "a", "a"]}'],
    ['{"a": "a", "b": "{\\"a\\": 1, \\"a\\": 2}", "c": ":"}'],
    ['{"a": 1, "a": 2}', 'duplicate key "a" at line 1, column 10'],
    ['{"a": {"b": 1,\n\t"b": 2}}', 'duplicate key "b" at line 2, column 2'],
    ['{"a": [{}, {"b": [], "b": {}}]}', 'duplicate key "b" at line 1, column 22'],
    ['{"a/": 1, "\\u0061\\/": 2}', 'duplicate key "a/" at line 1, column 11'],
    ['{"__proto__": 1, "__proto__": 2}', 'duplicate key "__proto__" at line 1, column 18'],
  ] as const
) {
  Deno.test({
    name: `JSON keys: ${problem ?? "there once"}: ${JSON.stringify(text)}`,
    permissions: "none",
    fn() {
      assertEquals(typeof JSON.parse(text), "object");
      if (problem === undefined) rejectDuplicateJsonKeys(text);
      else assertThrows(() => rejectDuplicateJsonKeys(text), SyntaxError, problem);
    },
  });
}
