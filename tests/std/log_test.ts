import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  BaseHandler,
  type BaseHandlerOptions,
  FileHandler,
  getLevelByName,
  type LevelName,
  Logger,
  LogLevels,
} from "@std/log";

class MemoryHandler extends BaseHandler {
  readonly lines: string[] = [];

  constructor(levelName: LevelName, options?: BaseHandlerOptions) {
    super(levelName, options);
  }

  log(msg: string): void {
    this.lines.push(msg);
  }
}

Deno.test({
  name: "a record passes the level of its logger and the level of the handler",
  permissions: "none",
  fn(): void {
    const handler = new MemoryHandler("WARN");
    const logger = new Logger("test", "INFO", { handlers: [handler] });
    logger.info("below the handler");
    logger.warn("taken");
    assertEquals(
      logger.debug(() => assert(false, "a lazy message below the level is not computed")),
      undefined,
    );
    assertEquals(logger.error(() => "lazy"), "lazy");
    assertEquals(handler.lines, ["WARN taken", "ERROR lazy"]);
  },
});

Deno.test({
  name: "a formatter sees what was given after the message",
  permissions: "none",
  fn(): void {
    const handler = new MemoryHandler("DEBUG", { formatter: ({ msg, args }) => JSON.stringify([msg, args]) });
    new Logger("test", "DEBUG", { handlers: [handler] }).info("two", 1, { b: 2 });
    assertEquals(handler.lines, ['["two",[1,{"b":2}]]']);
  },
});

Deno.test({
  name: "levels have their names and numbers",
  permissions: "none",
  fn(): void {
    assertEquals(Object.values(LogLevels), [0, 10, 20, 30, 40, 50]);
    assertEquals(getLevelByName("CRITICAL"), 50);
    assertThrows(() => getLevelByName("LOUD" as LevelName), Error, "LOUD");
  },
});

Deno.test("a file handler writes at once only what is critical, and the rest at the end", () => {
  const filename = Deno.makeTempFileSync();
  try {
    const handler = new FileHandler("INFO", { filename });
    handler.setup();
    const logger = new Logger("test", "DEBUG", { handlers: [handler] });
    logger.info("held back");
    assertEquals(Deno.readTextFileSync(filename), "");
    logger.critical("at once");
    assertEquals(Deno.readTextFileSync(filename), "INFO held back\nCRITICAL at once\n");
    const long = "x".repeat(5000);
    logger.info(long);
    logger.info("last");
    handler.destroy();
    assertEquals(
      Deno.readTextFileSync(filename),
      `INFO held back\nCRITICAL at once\nINFO ${long}\nINFO last\n`,
    );
  } finally {
    Deno.removeSync(filename);
  }
});
