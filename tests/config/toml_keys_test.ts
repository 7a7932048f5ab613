import { assertThrows } from "@std/assert";
import { parse } from "@std/toml";
import { rejectDuplicateTomlKeys } from "../../lib/config/toml_keys.ts";

const right = [
  "",
  "a = 1\nb = 2",
  "[a]\nb = 1\n[a.c]\nb = 1\n[d.a]\nb = 1",
  "a.b = 1\na.c = 2",
  'a."b.c" = 1\na.b.c = 2',
  "a = {b = 1, c = {b = 1}}\nb = [{b = 1}, {b = 1}]",
  "[[a]]\nb = 1\n[[a]]\nb = 1\n[[a.c]]\nd = 1\n[[a.c]]\nd = 1",
  "[[a]]\n[a.b]\nc = 1\n[[a]]\n[a.b]\nc = 1",
  'a = """\nb = 1\nb = 2\\""""\nb = 3',
  "a = '''\nb = 1\nb = 2\n'''\nb = 3",
  'a = "b = 1" # a = 2\n# a = 3\nb = [ # a = 4\n  1, # a = 5\n]',
  'a = \'c:\\\'\nb = "\\""\nc = 1979-05-27T07:32:00Z\nd = 1.5',
  'toString = 1\n"__proto__" = 2',
];

for (const text of right) {
  Deno.test({
    name: `TOML keys: there once: ${JSON.stringify(text)}`,
    permissions: "none",
    fn() {
      parse(text);
      rejectDuplicateTomlKeys(text);
    },
  });
}

for (
  const [text, problem] of [
    ["a = 1\na = 2", "duplicate key a at line 2, column 1"],
    ["a = 1 b = 2", "found more than one thing on a line at line 1, column 7"],
    ["a = {b = 1 c = 2}", "found more than one thing on a line at line 1, column 12"],
    ["[a] b = 1", "found more than one thing on a line at line 1, column 5"],
    ["[[a]] b = 1", "found more than one thing on a line at line 1, column 7"],
    ["a = 1\r\n  a = 2", "duplicate key a at line 2, column 3"],
    ["[t]\na = [\n1]\na = 2", "duplicate key a at line 4, column 1"],
    ["a.b = 1\na.b = 2", "duplicate key a.b at line 2, column 1"],
    ["a = 1\na.b = 2", "duplicate key a at line 2, column 1"],
    ["a.b = 1\na = 2", "duplicate key a at line 2, column 1"],
    ["'a' = 1\n\"\\u0061\" = 2", 'duplicate key "\\u0061" at line 2, column 1'],
    ["a = {b = 1, b = 2}", "duplicate key b at line 1, column 13"],
    ["a = [1, {b = {c = 1, c = 2}}]", "duplicate key c at line 1, column 22"],
    ["a = {b = 1}\na.c = 2", "duplicate key a at line 2, column 1"],
    ["[a]\n[b]\n[a]", "duplicate key a at line 3, column 2"],
    ["[a.b]\n[ a . b ]", "duplicate key a.b at line 2, column 3"],
    ["[a]\nb.c = 1\n[a.b]", "duplicate key a.b at line 3, column 2"],
    ["a = 1\n[a]", "duplicate key a at line 2, column 2"],
    ["a = 1\n[a.b]", "duplicate key a at line 2, column 2"],
    ["[[a]]\n[a]", "duplicate key a at line 2, column 2"],
    ["[a]\n[[a]]", "duplicate key a at line 2, column 3"],
    ["a = []\n[[a]]", "duplicate key a at line 2, column 3"],
    ["[a.b]\nc = 1\n[a]\nd = 1", "table a stands after one inside it at line 3, column 2"],
  ] as const
) {
  Deno.test({
    name: `TOML keys: ${problem}: ${JSON.stringify(text)}`,
    permissions: "none",
    fn: () => void assertThrows(() => rejectDuplicateTomlKeys(text), SyntaxError, problem),
  });
}

for (
  const text of [
    "a",
    "[",
    "[[",
    "a =",
    "a = {",
    "a = [{",
    "= 1",
    'a = """',
    "a.",
    "[a.",
    "}",
    "]",
    "a = {,}",
    ".=.",
  ]
) {
  Deno.test({
    name: `TOML keys: what is malformed otherwise is left to the parser: ${JSON.stringify(text)}`,
    permissions: "none",
    fn: () => rejectDuplicateTomlKeys(text),
  });
}
