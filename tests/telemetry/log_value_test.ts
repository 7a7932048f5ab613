import { assertEquals, assertLess } from "@std/assert";
import { escapeInvisible, logValue } from "../../lib/telemetry/log_value.ts";

Deno.test({
  name: "values whose name says that they are secret are masked, at any depth and of any type",
  permissions: "none",
  fn() {
    for (const name of ["password", "db.passwd", "API-KEY", "access_token", "secret", "authorization"]) {
      if (name === "access_token") assertEquals(logValue(name, 12345), "***");
      assertEquals(logValue(name, "hunter2"), "***", name);
      assertEquals(logValue(name, { value: "hunter2" }), "***", name);
    }
    assertEquals(logValue("parameters", { "target.ip": "::1", nested: [{ password: "hunter2" }] }), {
      "target.ip": "::1",
      nested: [{ password: "***" }],
    });
  },
});

Deno.test({
  name: "user information and secret queries in URLs and paths are masked, in errors too",
  permissions: "none",
  fn() {
    assertEquals(logValue("gateway", "http://admin:hunter2@10.0.0.1/"), "http://***@10.0.0.1/");
    assertEquals(logValue("protocol", "./x.ts?v=1&token=hunter2"), "./x.ts?v=1&token=***");
    const error = new Error("cannot reach https://u:hunter2@example.com");
    assertEquals(logValue("error", error), "cannot reach https://***@example.com");
  },
});

Deno.test({
  name: "numbers, booleans and null stay what they are; what JSON has no word for becomes text",
  permissions: "none",
  fn() {
    assertEquals([1.5, true, null].map((value) => logValue("x", value)), [1.5, true, null]);
    assertEquals([NaN, -Infinity, 2n ** 64n, Symbol("s"), undefined].map((value) => logValue("x", value)), [
      ...["NaN", "-Infinity", "18446744073709551616", "Symbol(s)", "undefined"],
    ]);
    assertEquals(logValue("at", new Date(0)), "1970-01-01T00:00:00.000Z");
    assertEquals(logValue("at", new Date(NaN)), "Invalid Date");
    assertEquals(logValue("preview", new Uint8Array(3)), "3 bytes");
  },
});

Deno.test({
  name: "an error is its message, with its kind and its cause where they say more",
  permissions: "none",
  fn() {
    const refused = new TypeError("refused");
    assertEquals(logValue("error", new Error("no answer")), "no answer");
    assertEquals(logValue("error", refused), "TypeError: refused");
    const error = new Error("cannot connect", { cause: refused });
    assertEquals(logValue("error", error), "cannot connect (caused by TypeError: refused)");
  },
});

Deno.test({
  name: "long texts, large collections and deep or endless nesting are bounded",
  permissions: "none",
  fn() {
    const text = logValue("sni", "a".repeat(100_000)) as string;
    assertEquals(text, `${"a".repeat(1024)}… (100000 characters)`);
    assertEquals((logValue("list", Array(1000).fill(1)) as unknown[]).length, 64);
    const endless: Record<string, unknown> = {};
    endless.self = endless;
    assertLess(JSON.stringify(logValue("endless", endless)).length, 100);
  },
});

Deno.test({
  name: "nothing that steers a terminal or a reader is left, and what prints stays as it is",
  permissions: "none",
  fn() {
    assertEquals(escapeInvisible("a\nb\r\tc"), "a\\nb\\r\\tc");
    assertEquals(escapeInvisible("\x1b[31m\x07\x7f\x9b"), "\\u001b[31m\\u0007\\u007f\\u009b");
    assertEquals(escapeInvisible("\u2028\u2029\u202e\u200b\ufeff"), "\\u2028\\u2029\\u202e\\u200b\\ufeff");
    assertEquals(escapeInvisible("\ud800x\u{e0001}"), "\\ud800x\\udb40\\udc01");
    assertEquals(escapeInvisible('grüße, 日本語 🙂 "quoted" \\'), 'grüße, 日本語 🙂 "quoted" \\');
  },
});
