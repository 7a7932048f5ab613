/**
 * Where logs go: the console, and files that roll over. The only file that knows `@std/log`.
 *
 * `@std/log` has no level below DEBUG: messages at trace are DEBUG records there, and which messages are
 * logged at all is decided before they become records.
 *
 * @module
 */

import {
  BaseHandler,
  type BaseHandlerOptions,
  FileHandler,
  Logger as StdLogger,
  LogLevels,
  type LogRecord,
} from "@std/log";
import type { Verbosity } from "../config/types.ts";
import type { Logger } from "../routing/logger.ts";
import { messageOf } from "../routing/message_of.ts";
import { CategoryLogger, type LogOutput } from "./category_logger.ts";
import { type StartInterval, startInterval } from "./interval.ts";
import { formatJson, formatText, type LogEntry } from "./log_format.ts";
import { RotatingLog } from "./rotating_log.ts";

/** What is logged, where, and how it looks. */
export interface LogOptions {
  /** The least severe messages that are logged. */
  readonly verbosity: Verbosity;
  /** `text` unless given. */
  readonly format?: "text" | "json";
  /** Where log files are kept; without it, none are. */
  readonly directory?: string;
  /** Bytes of one log file; unlimited unless given. */
  readonly fileMaxSize?: number;
  /** Number of log files that are kept; unlimited unless given. */
  readonly fileMaxRetain?: number;
  /** Whether the console shows colours; on a terminal, unless `NO_COLOR` is set, if not given. */
  readonly colour?: boolean;
  /** Writes a line, with its end, to the console; to standard error unless given. */
  readonly write?: (line: string) => void;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** What flushes the files from time to time. */
  readonly every?: StartInterval;
}

/** The logger that all others are children of. Disposing it writes what is held back and closes the files. */
export interface RootLogger extends Logger, Disposable {
  /** The least severe messages that are logged, by this logger and all its children. May be changed. */
  verbosity: Verbosity;
  /** Writes what is held back to the files. */
  flush(): void;
}

/** How long a line may be held back from its file, which is what a crash can cost. */
const FLUSH_INTERVAL_MS = 1000;

const ROOT_CATEGORY = "pmmux";

const STD_METHODS = {
  trace: "debug",
  debug: "debug",
  info: "info",
  warn: "warn",
  error: "error",
  critical: "critical",
} as const;

/**
 * Opens the log. Throws when the log directory cannot be used.
 *
 * @example
 * ```ts
 * import { createLogger } from "./log.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const lines: string[] = [];
 * const write = (line: string) => void lines.push(line);
 * using logger = createLogger({ verbosity: "information", colour: false, now: () => 0, write });
 * logger.child("router").info("routed", { backend: "web" });
 * logger.debug("not shown");
 * assertEquals(lines, ["1970-01-01T00:00:00.000Z info  [router] routed backend=web\n"]);
 * ```
 */
export function createLogger(options: LogOptions): RootLogger {
  const { format = "text", directory, write = writeToStandardError } = options;
  const colour = options.colour ?? (Deno.stderr.isTerminal() && !Deno.noColor);
  const text = (entry: LogEntry) => formatText(entry, { colour });
  const handlers: BaseHandler[] = [
    new ConsoleHandler(write, { formatter: entryFormatter(format === "json" ? formatJson : text) }),
  ];
  const output: LogOutput = {
    verbosity: options.verbosity,
    now: options.now ?? Date.now,
    emit: (entry) => void std[STD_METHODS[entry.level]](entry.message, entry),
  };
  let files: FilesHandler | undefined;
  if (directory !== undefined) {
    const logger = new CategoryLogger(output, ROOT_CATEGORY, { directory });
    const formatter = entryFormatter(format === "json" ? formatJson : formatText);
    const open = () => openFiles(directory, { ...options, now: output.now });
    files = new FilesHandler(open, { formatter, logger });
    handlers.push(files);
  }
  const std = new StdLogger(ROOT_CATEGORY, "NOTSET", { handlers });
  return new OpenLog(output, { files, every: options.every ?? startInterval });
}

class OpenLog extends CategoryLogger implements RootLogger {
  readonly #output: LogOutput;
  readonly #files: FilesHandler | undefined;
  readonly #timer: Disposable | undefined;

  constructor(
    output: LogOutput,
    { files, every }: { files: FilesHandler | undefined; every: StartInterval },
  ) {
    super(output, ROOT_CATEGORY);
    this.#output = output;
    this.#files = files;
    this.#timer = files && every(() => files.flush(), FLUSH_INTERVAL_MS);
  }

  get verbosity(): Verbosity {
    return this.#output.verbosity;
  }
  set verbosity(verbosity: Verbosity) {
    this.#output.verbosity = verbosity;
  }

  flush(): void {
    this.#files?.flush();
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#files?.destroy();
  }
}

class ConsoleHandler extends BaseHandler {
  readonly #write: (line: string) => void;

  constructor(write: (line: string) => void, options: BaseHandlerOptions) {
    super("NOTSET", options);
    this.#write = write;
  }

  override log(line: string): void {
    this.#write(`${line}\n`);
  }
}

/** Writes to the files. That they cannot be written is logged once, until they can be again. */
class FilesHandler extends BaseHandler {
  readonly #files: RotatingLog;
  readonly #logger: Logger;
  readonly #onUnload = () => this.destroy();
  #failing = false;

  constructor(open: () => RotatingLog, { logger, ...options }: BaseHandlerOptions & { logger: Logger }) {
    super("NOTSET", options);
    this.#logger = logger;
    // Before the files that are about to be opened close themselves.
    addEventListener("unload", this.#onUnload);
    try {
      this.#files = open();
    } catch (error) {
      removeEventListener("unload", this.#onUnload);
      throw error;
    }
  }

  /** The last words of a program that cannot go on are not held back. */
  override handle(record: LogRecord): void {
    super.handle(record);
    if (record.level > LogLevels.ERROR) this.flush();
  }

  override log(line: string): void {
    this.#attempt(() => this.#files.write(line));
  }

  flush(): void {
    if (this.#attempt(() => this.#files.flush())) this.#failing = false;
  }

  override destroy(): void {
    removeEventListener("unload", this.#onUnload);
    this.#attempt(() => this.#files.close());
  }

  #attempt(action: () => void): boolean {
    try {
      action();
      return true;
    } catch (error) {
      const reported = this.#failing;
      this.#failing = true;
      if (!reported) this.#logger.error("cannot write a log file: lines are being lost", { error });
      return false;
    }
  }
}

function entryFormatter(format: (entry: LogEntry) => string): (record: LogRecord) => string {
  return (record) => format(record.args[0] as LogEntry);
}

function openFiles(directory: string, options: LogOptions & { readonly now: () => number }): RotatingLog {
  const { fileMaxSize: maxSize, fileMaxRetain: maxRetain, now } = options;
  try {
    return new RotatingLog({ directory, maxSize, maxRetain, open: openFile, now });
  } catch (error) {
    // What Deno says instead is how to permit it, which no user of pmmux has to do.
    const notPermitted = error instanceof Deno.errors.NotCapable;
    const reason = notPermitted ? "there is no permission to write there" : messageOf(error);
    throw new Error(`Cannot keep logs in "${directory}": ${reason}`, { cause: error });
  }
}

function openFile(path: string): FileHandler {
  const file = new FileHandler("NOTSET", { filename: path });
  file.setup();
  return file;
}

const encoder = new TextEncoder();

function writeToStandardError(line: string): void {
  const bytes = encoder.encode(line);
  try {
    let written = 0;
    while (written < bytes.length) written += Deno.stderr.writeSync(bytes.subarray(written));
  } catch {
    // Standard error is closed or full, and there is nowhere left to say so.
  }
}
