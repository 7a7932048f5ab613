import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { createLogger, type LogOptions, type RootLogger } from "../../lib/telemetry/log.ts";

const TIME = Date.UTC(2026, 10, 22, 10);
const files = { read: true, write: true } as const;

/** A logger whose console is a list of lines and whose time stands still. */
function openLog(options: Partial<LogOptions> = {}): { lines: string[]; logger: RootLogger } {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const logger = createLogger({
    verbosity: "information",
    colour: false,
    write,
    now: () => TIME,
    ...options,
  });
  return { lines, logger };
}

function temporaryDirectory(): { path: string; read: () => string } & Disposable {
  const path = Deno.makeTempDirSync();
  return {
    path,
    read: () => Deno.readTextFileSync(`${path}/pmmux.20261122.log`),
    [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }),
  };
}

/** Fields that cannot be overlooked when they are made. */
function mustNotBeMade(): never {
  throw new Error("fields of a hidden message were made");
}

Deno.test({
  name: "the console shows each message as one line of text",
  permissions: "none",
  fn() {
    const { lines, logger } = openLog();
    logger.info("up");
    logger.child("router").warn("no answer\n", { backend: "web" });
    assertEquals(lines, [
      "2026-11-22T10:00:00.000Z info  [pmmux] up\n",
      "2026-11-22T10:00:00.000Z warn  [router] no answer\\n backend=web\n",
    ]);
    logger[Symbol.dispose]();
  },
});

Deno.test({
  name: "the console shows JSON lines when asked to, never coloured",
  permissions: "none",
  fn() {
    const { lines, logger } = openLog({ format: "json", colour: true });
    logger.error("failed", { port: 443 });
    assertEquals(lines.length, 1);
    assertEquals(JSON.parse(lines[0]!), {
      time: "2026-11-22T10:00:00.000Z",
      level: "error",
      category: "pmmux",
      message: "failed",
      port: 443,
    });
  },
});

Deno.test({
  name: "trace shows at verbosity trace only, under its own name",
  permissions: "none",
  fn() {
    const { lines, logger } = openLog({ verbosity: "debug" });
    logger.trace("hidden", mustNotBeMade);
    logger.verbosity = "trace";
    logger.trace("shown");
    logger.debug("too");
    assertEquals(lines.map((line) => line.slice(25)), ["trace [pmmux] shown\n", "debug [pmmux] too\n"]);
  },
});

Deno.test({
  name: "verbosity none shows nothing at all",
  permissions: "none",
  fn() {
    const { lines, logger } = openLog({ verbosity: "none" });
    logger.critical("hidden", mustNotBeMade);
    assertEquals([lines, logger.enabled("critical")], [[], false]);
  },
});

Deno.test({
  name: "loggers do not share anything with each other",
  permissions: "none",
  fn() {
    const first = openLog();
    const second = openLog({ verbosity: "error" });
    first.logger.info("first");
    second.logger.info("second");
    assertEquals([first.lines.length, second.lines.length], [1, 0]);
  },
});

Deno.test({
  name: "files take what the console takes, without colours, at the latest when the log is closed",
  permissions: files,
  fn() {
    using directory = temporaryDirectory();
    {
      using log = openLog({ directory: directory.path, colour: true }).logger;
      log.info("up", { port: 443 });
      log.debug("hidden");
    }
    assertEquals(directory.read(), "2026-11-22T10:00:00.000Z info  [pmmux] up port=443\n");
  },
});

Deno.test({
  name: "lines are flushed to the file every second, and critical ones at once",
  permissions: files,
  fn() {
    using directory = temporaryDirectory();
    const intervals: [() => void, number][] = [];
    let stopped = false;
    const every = (callback: () => void, milliseconds: number): Disposable => {
      intervals.push([callback, milliseconds]);
      return { [Symbol.dispose]: () => stopped = true };
    };
    const { logger } = openLog({ directory: directory.path, format: "json", every });
    const messages = () => directory.read().split("\n").slice(0, -1).map((line) => JSON.parse(line).message);
    logger.info("one");
    intervals[0]?.[0]();
    assertEquals([messages(), intervals[0]?.[1]], [["one"], 1000]);
    logger.critical("two");
    assertEquals(messages(), ["one", "two"]);
    logger.info("three");
    logger.flush();
    assertEquals(messages(), ["one", "two", "three"]);
    logger[Symbol.dispose]();
    assertEquals(stopped, true);
  },
});

Deno.test({
  name: "size and number of files are bounded as configured",
  permissions: files,
  fn() {
    using directory = temporaryDirectory();
    {
      using log = openLog({ directory: directory.path, fileMaxSize: 1000, fileMaxRetain: 3 }).logger;
      for (let count = 0; count < 200; count++) log.info("a line of some length", { count });
    }
    const names = [...Deno.readDirSync(directory.path)].map(({ name }) => `${directory.path}/${name}`);
    assertEquals(names.length, 3);
    assertEquals(names.every((name) => Deno.statSync(name).size <= 1000), true);
    const text = names.map((name) => Deno.readTextFileSync(name)).join("");
    assertMatch(text, /count=199\n/);
  },
});

Deno.test({
  name: "files that cannot be written are reported on the console once, and logging goes on",
  permissions: files,
  fn() {
    using directory = temporaryDirectory();
    let now = TIME;
    const { lines, logger } = openLog({ directory: directory.path, now: () => now });
    Deno.removeSync(directory.path, { recursive: true });
    Deno.writeTextFileSync(directory.path, "in the way");
    now += 86_400_000;
    for (const message of ["one", "two", "three"]) {
      logger.info(message);
      logger.flush();
    }
    const messages = lines.map((line) => line.slice(25)).filter((line) => line.startsWith("error"));
    assertEquals([lines.length, messages.length], [4, 1]);
    assertMatch(messages[0]!, /cannot write a log file.* directory=\S+ error=/);
    logger[Symbol.dispose]();
  },
});

Deno.test({
  name: "a log directory that cannot be used is an error that names it",
  permissions: files,
  fn() {
    using directory = temporaryDirectory();
    const path = `${directory.path}/file`;
    Deno.writeTextFileSync(path, "");
    assertThrows(() => openLog({ directory: path }), Error, `Cannot keep logs in "${path}": `);
  },
});

Deno.test({
  name: "without anything else said, lines go to standard error, and a program ends with its log written",
  permissions: { read: true, write: true, run: true },
  async fn() {
    using directory = temporaryDirectory();
    const log = new URL("../../lib/telemetry/log.ts", import.meta.url).href;
    const program = `import { createLogger } from ${JSON.stringify(log)};
      const directory = ${JSON.stringify(directory.path)};
      createLogger({ verbosity: "information", directory, now: () => ${TIME} }).info("up");
      Deno.exit(0);`;
    const command = new Deno.Command(Deno.execPath(), {
      args: ["eval", `--config=${new URL("../../deno.json", import.meta.url).pathname}`, program],
      env: { NO_COLOR: "1" },
    });
    const { code, stdout, stderr } = await command.output();
    const line = "2026-11-22T10:00:00.000Z info  [pmmux] up\n";
    assertEquals([code, stdout.length, new TextDecoder().decode(stderr)], [0, 0, line]);
    assertEquals(directory.read(), line);
  },
});
