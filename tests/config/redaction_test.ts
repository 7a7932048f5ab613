import { assertEquals } from "@std/assert";
import { Redaction } from "../../lib/config/redaction.ts";

for (
  const [rule, hidden, message, shown] of [
    ["a text is replaced wherever it stands", ["hunter2"], "x hunter2y 'hunter2'", "x {0}y '{0}'"],
    [
      "a short text only within punctuation",
      ["80"],
      '"80" is no port from 80 to 8080',
      '"{0}" is no port from 80 to 8080',
    ],
    ["the longest text first", ["hunter2", "hunter2;x"], '"hunter2;x" or "hunter2"', '"{1}" or "{0}"'],
    ["a text may have quotes and be no pattern", ['a"b.*(c'], '"a"b.*(c" is wrong', '"{0}" is wrong'],
    ["nothing is replaced twice", ["{0}abc", "abcdef"], "{0}abc abcdef", "{0} {1}"],
    ["an empty text hides nothing", [""], '"" is wrong', '"" is wrong'],
  ] as const
) {
  Deno.test({
    name: `redaction: ${rule}`,
    permissions: "none",
    fn: () => {
      const redaction = new Redaction();
      hidden.forEach((text, index) => redaction.hide(text, `{${index}}`));
      assertEquals(redaction.apply(message), shown);
    },
  });
}
