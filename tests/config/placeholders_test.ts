import { assertEquals } from "@std/assert";
import {
  expandPlaceholders,
  isPlaceholder,
  placeholderLength,
  placeholderNames,
} from "../../lib/config/placeholders.ts";

for (
  const [text, expanded, missing] of [
    ["no variable", "no variable", []],
    ["{{env:A}}", "1", []],
    ["<{{env:A}}{{env:B}}>", "<12>", []],
    ["{{env:MISSING}}", "", ["MISSING"]],
    ["{{env:MISSING:-x}}", "x", []],
    ["{{env:MISSING:-}}", "", []],
    ["{{env:EMPTY}}", "", []],
    ["{{env:EMPTY:-x}}", "x", []],
    ["{{env:A:-x}}", "1", []],
    ["{{env: A }}", "", [" A "]],
    ["{{env:}}", "{{env:}}", []],
    ["{{env:A}", "{{env:A}", []],
    ["{{ENV:A}}", "{{ENV:A}}", []],
    ["{{env:DOLLAR}}", "$&$1", []],
  ] as const
) {
  Deno.test({
    name: `CLI-45 ${text} becomes ${JSON.stringify(expanded)}`,
    permissions: "none",
    fn: () => {
      const names: string[] = [];
      const environment = { A: "1", B: "2", EMPTY: "", DOLLAR: "$&$1" };
      const actual = expandPlaceholders(text, environment, { onMissing: (name) => names.push(name) });
      assertEquals(actual, expanded);
      assertEquals(names, [...missing]);
    },
  });
}

Deno.test({
  name: "the variables of a text are known by name",
  permissions: "none",
  fn: () => assertEquals(placeholderNames("{{env:A}} {{env:B:-{{env:C}}"), ["A", "B"]),
});

Deno.test({
  name: "a placeholder is recognised where it begins, and on its own",
  permissions: "none",
  fn: () => {
    assertEquals(placeholderLength("x{{env:A}}y", 1), 9);
    assertEquals(placeholderLength("x{{env:A}}y", 0), 0);
    assertEquals(isPlaceholder(" {{env:A}} "), true);
    assertEquals(isPlaceholder("{{env:A}}{{env:B}}"), false);
    assertEquals(isPlaceholder(""), false);
  },
});
