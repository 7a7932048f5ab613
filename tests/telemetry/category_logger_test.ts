import { assertEquals } from "@std/assert";
import type { Verbosity } from "../../lib/config/types.ts";
import { LOG_LEVELS, silentLogger } from "../../lib/routing/logger.ts";
import { CategoryLogger, type LogOutput } from "../../lib/telemetry/category_logger.ts";
import type { LogEntry } from "../../lib/telemetry/log_format.ts";

function recordingOutput(verbosity: Verbosity) {
  const entries: LogEntry[] = [];
  const output: LogOutput = { verbosity, now: () => 42, emit: (entry) => void entries.push(entry) };
  return { entries, output };
}

Deno.test({
  name: "each verbosity lets its level and the more severe ones pass",
  permissions: "none",
  fn() {
    const order: Verbosity[] = ["trace", "debug", "information", "warning", "error", "critical", "none"];
    for (const [index, verbosity] of order.entries()) {
      const { entries, output } = recordingOutput(verbosity);
      const logger = new CategoryLogger(output, "router");
      for (const level of LOG_LEVELS) logger[level](`at ${level}`);
      assertEquals(entries.map((entry) => entry.level), LOG_LEVELS.slice(index), verbosity);
      assertEquals(LOG_LEVELS.filter((level) => logger.enabled(level)), LOG_LEVELS.slice(index), verbosity);
    }
  },
});

Deno.test({
  name: "an entry has the time, the category, the message and the fields",
  permissions: "none",
  fn() {
    const { entries, output } = recordingOutput("information");
    new CategoryLogger(output, "router").warn("no answer", { backend: "web" });
    assertEquals(entries, [
      { time: 42, level: "warn", category: "router", message: "no answer", fields: { backend: "web" } },
    ]);
  },
});

Deno.test({
  name: "fields given as a function are made only when they are logged",
  permissions: "none",
  fn() {
    const { entries, output } = recordingOutput("information");
    const logger = new CategoryLogger(output, "router");
    let made = 0;
    const fields = () => ({ made: ++made });
    logger.debug("hidden", fields);
    assertEquals(made, 0);
    logger.info("shown", fields);
    assertEquals(entries[0]?.fields, { made: 1 });
  },
});

Deno.test({
  name: "a child has its own category, and adds its fields to those of its parent",
  permissions: "none",
  fn() {
    const { entries, output } = recordingOutput("information");
    const parent = new CategoryLogger(output, "listener", { port: 443, client: "a" });
    parent.child("router", { client: "b" }).info("routed", { backend: "web", port: undefined });
    assertEquals([entries[0]?.category, entries[0]?.fields], [
      "router",
      { port: undefined, client: "b", backend: "web" },
    ]);
  },
});

Deno.test({
  name: "a changed verbosity holds for children that are there already",
  permissions: "none",
  fn() {
    const { entries, output } = recordingOutput("none");
    const child = new CategoryLogger(output, "pmmux").child("router");
    child.critical("hidden");
    output.verbosity = "trace";
    child.trace("shown");
    assertEquals(entries.map((entry) => entry.message), ["shown"]);
  },
});

Deno.test({
  name: "fields that cannot be made do not throw, and the message is logged all the same",
  permissions: "none",
  fn() {
    const { entries, output } = recordingOutput("information");
    new CategoryLogger(output, "router").info("routed", () => {
      throw new Error("no peer");
    });
    assertEquals(entries.map(({ message, fields }) => [message, fields]), [
      ["routed", { log_error: "Error: no peer" }],
    ]);
  },
});

Deno.test({
  name: "the silent logger and its children log nothing",
  permissions: "none",
  fn() {
    for (const level of LOG_LEVELS) {
      silentLogger[level]("hidden", () => {
        throw new Error("fields were made");
      });
      assertEquals(silentLogger.child("router").enabled(level), false);
    }
  },
});
