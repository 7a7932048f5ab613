import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  BaseHandler,
  type BaseHandlerOptions,
  ConsoleHandler,
  FileHandler,
  formatters,
  getLevelByName,
  getLogger,
  type LevelName,
  LogLevels,
  RotatingFileHandler,
  setup,
} from "@std/log";

class MemoryHandler extends BaseHandler {
  readonly lines: string[] = [];
  isDestroyed = false;

  constructor(levelName: LevelName, options?: BaseHandlerOptions) {
    super(levelName, options);
  }

  log(msg: string): void {
    this.lines.push(msg);
  }

  override destroy(): void {
    this.isDestroyed = true;
  }
}

function useHandler(handler: BaseHandler, level: LevelName = "DEBUG"): void {
  setup({ handlers: { it: handler }, loggers: { test: { level, handlers: ["it"] } } });
}

Deno.test({
  name: "a record passes the level of its logger and the level of the handler",
  permissions: "none",
  fn(): void {
    const handler = new MemoryHandler("WARN");
    useHandler(handler, "INFO");
    const logger = getLogger("test");
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
  name: "an unknown logger is silent and setup destroys the handlers before it",
  permissions: "none",
  fn(): void {
    const first = new MemoryHandler("DEBUG");
    useHandler(first);
    const orphan = getLogger("test");
    getLogger("nobody").critical("unheard");
    useHandler(new MemoryHandler("DEBUG"));
    assert(first.isDestroyed);
    assert(orphan !== getLogger("test"));
    assertEquals(first.lines, []);
  },
});

Deno.test({
  name: "the JSON formatter writes level, time, message and arguments",
  permissions: "none",
  fn(): void {
    const handler = new MemoryHandler("DEBUG", { formatter: formatters.jsonFormatter });
    useHandler(handler);
    const logger = getLogger("test");
    logger.info("none");
    logger.info("one", { a: 1 });
    logger.info("two", 1, "b");
    const records = handler.lines.map((line) => JSON.parse(line));
    assertEquals(records.map(({ args }) => args), [undefined, { a: 1 }, [1, "b"]]);
    assertEquals(records.map(({ level, message }) => `${level} ${message}`), [
      "INFO none",
      "INFO one",
      "INFO two",
    ]);
    assert(records.every(({ datetime }) => typeof datetime === "number"));
  },
});

Deno.test({
  name: "levels have their names and numbers",
  permissions: "none",
  fn(): void {
    assertEquals(Object.values(LogLevels), [0, 10, 20, 30, 40, 50]);
    assertEquals(getLevelByName("CRITICAL"), 50);
    assertThrows(() => getLevelByName("LOUD" as LevelName), Error, "LOUD");
    assertEquals(new ConsoleHandler("INFO").applyColors("plain", LogLevels.DEBUG), "plain");
  },
});

Deno.test("a file handler writes at once only what is critical, and the rest at the end", () => {
  const filename = Deno.makeTempFileSync();
  try {
    useHandler(new FileHandler("INFO", { filename }));
    const logger = getLogger("test");
    logger.info("held back");
    assertEquals(Deno.readTextFileSync(filename), "");
    logger.critical("at once");
    assertEquals(Deno.readTextFileSync(filename), "INFO held back\nCRITICAL at once\n");
    const long = "x".repeat(5000);
    logger.info(long);
    logger.info("last");
    setup({});
    assertEquals(
      Deno.readTextFileSync(filename),
      `INFO held back\nCRITICAL at once\nINFO ${long}\nINFO last\n`,
    );
  } finally {
    Deno.removeSync(filename);
  }
});

Deno.test("a rotating file handler keeps the file below its size and so many predecessors", () => {
  const directory = Deno.makeTempDirSync();
  const filename = `${directory}/pmmux.log`;
  try {
    useHandler(new RotatingFileHandler("INFO", { filename, maxBytes: 14, maxBackupCount: 2 }));
    for (let i = 0; i < 7; i++) getLogger("test").info(`${i}`);
    setup({});
    const names = [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
    assertEquals(names, ["pmmux.log", "pmmux.log.1", "pmmux.log.2"]);
    const contents = names.map((name) => Deno.readTextFileSync(`${directory}/${name}`));
    assertEquals(contents, ["INFO 6\n", "INFO 4\nINFO 5\n", "INFO 2\nINFO 3\n"]);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

Deno.test("a rotating file handler of mode x refuses to bury a predecessor", () => {
  const directory = Deno.makeTempDirSync();
  const filename = `${directory}/pmmux.log`;
  try {
    Deno.writeTextFileSync(`${filename}.1`, "old");
    const handler = new RotatingFileHandler("INFO", { filename, mode: "x", maxBytes: 10, maxBackupCount: 1 });
    assertThrows(() => handler.setup(), Deno.errors.AlreadyExists, ".1");
    assertThrows(
      () => new RotatingFileHandler("INFO", { filename, maxBytes: 0, maxBackupCount: 1 }).setup(),
      Error,
      "maxBytes",
    );
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});
