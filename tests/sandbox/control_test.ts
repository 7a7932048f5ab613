import { assertEquals } from "@std/assert";
import { type EngineReport, parseReport } from "../../lib/sandbox/control.ts";

const reports: readonly EngineReport[] = [
  { type: "ready", ports: [] },
  { type: "ready", ports: [0, 65_535] },
  { type: "failed", faults: [], message: "no" },
  {
    type: "failed",
    faults: [{ subject: "a", message: "b" }, { subject: undefined, message: "c" }],
    message: undefined,
  },
  { type: "applied", faults: [] },
  { type: "left" },
];

for (const report of reports) {
  Deno.test({
    name: `a report is read as it was written: ${JSON.stringify(report)}`,
    permissions: "none",
    fn(): void {
      const read = parseReport(JSON.stringify(report));
      assertEquals(JSON.stringify(read), JSON.stringify(report));
    },
  });
}

Deno.test({
  name: "what is no report, or one that is malformed, is none",
  permissions: "none",
  fn(): void {
    const lines = [
      ...["", "hello", "1", "null", "[]", "{", "{}", '"ready"'],
      ...[
        '{"type":"start"}',
        '{"type":"ready"}',
        '{"type":"ready","ports":[65536]}',
        '{"type":"ready","ports":[-1]}',
      ],
      ...[
        '{"type":"ready","ports":["80"]}',
        '{"type":"ready","ports":{"length":1}}',
        '{"type":"ready","ports":[1.5]}',
      ],
      ...['{"type":"failed"}', '{"type":"failed","faults":[],"message":1}', '{"type":"failed","faults":[1]}'],
      ...[
        '{"type":"applied","faults":[{"message":1}]}',
        '{"type":"applied","faults":[{"subject":1,"message":"a"}]}',
      ],
      ...['{"type":"__proto__"}', '[{"type":"left"}]'],
    ];
    for (const line of lines) assertEquals(parseReport(line), undefined, line);
  },
});

Deno.test({
  name: "what a report has beyond its form is not taken over",
  permissions: "none",
  fn: () => assertEquals(parseReport('{"type":"left","__proto__":{"a":1},"more":1}'), { type: "left" }),
});
