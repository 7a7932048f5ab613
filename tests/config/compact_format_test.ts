import { assertEquals } from "@std/assert";
import { parseCompact, type Segment } from "../../lib/config/compact.ts";
import { formatCompact } from "../../lib/config/compact_format.ts";

function word(text: string): Segment {
  return { kind: "identifier", text };
}

function property(key: string, value: string): Segment {
  return { kind: "properties", properties: new Map([[key, value]]) };
}

for (
  const [spec, canonical] of [
    ["web : pass : a = 1 , b", "web:pass:a=1,b="],
    ['"web":pass:a="1"', "web:pass:a=1"],
    ['e:"https://x/y.ts":u="::1"', 'e:"https://x/y.ts":u="::1"'],
    ['a:k="say \\"hi\\""', 'a:k="say \\"hi\\""'],
    ["x::y", 'x:"":y'],
    ['a:k=" v "', 'a:k=" v "'],
    ["a:k={{env:V:-1:2}}", "a:k={{env:V:-1:2}}"],
    ["a:k={{env:V}}:b", "a:k={{env:V}}:b"],
    ["=", '""='],
  ] as const
) {
  Deno.test({
    name: `the canonical form of ${JSON.stringify(spec)} is ${JSON.stringify(canonical)}`,
    permissions: "none",
    fn: () => {
      assertEquals(formatCompact(parseCompact(spec)), canonical);
      assertEquals(parseCompact(canonical), parseCompact(spec));
    },
  });
}

for (const value of ["a:\\", 'back\\"slash', 'a,\\\\\\"b']) {
  Deno.test({
    name: `a value that the grammar cannot write has no compact form: ${value}`,
    permissions: "none",
    fn: () => assertEquals(formatCompact([word("x"), property("k", value)]), undefined),
  });
}

for (const value of ["C\\", "a:\\\\", "\\d:\\w", '"', 'a"b', "a:\\n"]) {
  Deno.test({
    name: `a value with backslashes or quotes survives where the grammar allows it: ${value}`,
    permissions: "none",
    fn: () => {
      const segments = [word("x"), property("k", value)];
      assertEquals(parseCompact(formatCompact(segments)!), segments);
    },
  });
}
