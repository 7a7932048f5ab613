import { assertEquals, assertNotMatch, assertStringIncludes } from "@std/assert";
import { LOG_LEVELS, type LogFields } from "../../lib/routing/logger.ts";
import { formatJson, formatText, type LogEntry } from "../../lib/telemetry/log_format.ts";

function entry(fields: LogFields, overrides: Partial<LogEntry> = {}): LogEntry {
  const time = Date.UTC(2026, 10, 22, 10);
  return { time, level: "info", category: "router", message: "routed", fields, ...overrides };
}

const START = "2026-11-22T10:00:00.000Z info  [router] routed";

Deno.test({
  name: "a text line has time, level, category, message and fields",
  permissions: "none",
  fn() {
    const fields = { client: "192.0.2.1:5000", bytes: 1500, kept: true, missing: undefined };
    assertEquals(formatText(entry(fields)), `${START} client=192.0.2.1:5000 bytes=1500 kept=true`);
  },
});

Deno.test({
  name: "levels are of one width in text",
  permissions: "none",
  fn() {
    const labels = LOG_LEVELS.map((level) => formatText(entry({}, { level })).slice(25, 31));
    assertEquals(labels, ["trace ", "debug ", "info  ", "warn  ", "error ", "crit  "]);
  },
});

Deno.test({
  name: "text values are quoted where they would not be told from what is around them",
  permissions: "none",
  fn() {
    const values = ["", "two words", 'say "hi"', "a=b", "c:\\d", "x\ny"];
    const written = values.map((value) => formatText(entry({ v: value })).slice(START.length + 1));
    assertEquals(written, [
      ...['v=""', 'v="two words"', 'v="say \\"hi\\""', 'v="a=b"', 'v="c:\\\\d"', 'v="x\\ny"'],
    ]);
  },
});

Deno.test({
  name: "no value, name, message or category can begin a new line or send an escape sequence",
  permissions: "none",
  fn() {
    const hostile = "x\r\n2026-11-22T10:00:00.000Z crit  [router] hacked\x1b[2J\u009b31m\u2028";
    const forged = entry(
      { value: hostile, [hostile]: 1, list: [hostile], error: new Error(hostile) },
      { message: hostile, category: hostile },
    );
    for (const line of [formatText(forged), formatJson(forged)]) assertNotMatch(line, /[\p{C}\p{Zl}\p{Zp}]/u);
    assertEquals(JSON.parse(formatJson(forged)).value, hostile);
  },
});

Deno.test({
  name: "secrets are masked in both formats",
  permissions: "none",
  fn() {
    const secret = entry({ password: "hunter2", parameters: { token: "hunter2" } });
    for (const line of [formatText(secret), formatJson(secret)]) assertNotMatch(line, /hunter2/);
  },
});

Deno.test({
  name: "colours surround the level, and only when asked for",
  permissions: "none",
  fn() {
    const coloured = formatText(entry({}, { level: "error" }), { colour: true });
    assertStringIncludes(coloured, "\x1b[31merror\x1b[0m");
    assertEquals(formatText(entry({ a: 1 })).includes("\x1b"), false);
  },
});

Deno.test({
  name: "a JSON line is one object with the fields beside the rest",
  permissions: "none",
  fn() {
    const fields = { bytes: 1500, closed: null, missing: undefined, target: { port: 80 } };
    assertEquals(JSON.parse(formatJson(entry(fields, { level: "critical" }))), {
      time: "2026-11-22T10:00:00.000Z",
      level: "critical",
      category: "router",
      message: "routed",
      bytes: 1500,
      closed: null,
      target: { port: 80 },
    });
  },
});

Deno.test({
  name: "a field cannot take the place of time, level, category or message",
  permissions: "none",
  fn() {
    const parsed = JSON.parse(formatJson(entry({ time: 1, level: "x", category: "y", message: "z" })));
    assertEquals([parsed.level, parsed.message], ["info", "routed"]);
    assertEquals([parsed.time_, parsed.level_, parsed.category_, parsed.message_], [1, "x", "y", "z"]);
  },
});
