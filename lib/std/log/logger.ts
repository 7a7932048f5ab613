/**
 * `@std/log/logger`: what takes messages and hands them to its handlers.
 *
 * @module
 */

import type { BaseHandler } from "./base_handler.ts";
import { getLevelByName, getLevelName, type LevelName, type LogLevel, LogLevels } from "./levels.ts";

/** Any function. */
// deno-lint-ignore no-explicit-any
export type GenericFunction = (...args: any[]) => any;

/** What a message may be: a value, or a function that is called only if the message is logged. */
type Message<T> = (T extends GenericFunction ? never : T) | (() => T);

/** The fields of a {@linkcode LogRecord}. */
export interface LogRecordOptions {
  /** The message as text. */
  msg: string;
  /** What was given after the message. */
  args: unknown[];
  /** Its severity. */
  level: LogLevel;
  /** The name of the logger. */
  loggerName: string;
}

/** One logged message. */
export class LogRecord {
  /** The message as text. */
  readonly msg: string;
  /** Its severity. */
  readonly level: number;
  /** The name of its severity. */
  readonly levelName: string;
  /** The name of the logger. */
  readonly loggerName: string;
  readonly #args: readonly unknown[];
  readonly #time: number;

  /** Makes a record of the current time. */
  constructor(options: LogRecordOptions) {
    this.msg = options.msg;
    this.level = options.level;
    this.levelName = getLevelName(options.level);
    this.loggerName = options.loggerName;
    this.#args = [...options.args];
    this.#time = Date.now();
  }

  /** What was given after the message. */
  get args(): unknown[] {
    return [...this.#args];
  }

  /** When it was logged. */
  get datetime(): Date {
    return new Date(this.#time);
  }
}

/** Options of a {@linkcode Logger}. */
export interface LoggerOptions {
  /** What its records are handed to. */
  handlers?: BaseHandler[];
}

/** Takes messages of a severity and hands their records to its handlers. */
export class Logger {
  /** What its records are handed to. */
  handlers: BaseHandler[];
  readonly #name: string;
  #level: LogLevel;

  /** Makes a logger that takes messages of the level and above. */
  constructor(loggerName: string, levelName: LevelName, options: LoggerOptions = {}) {
    this.#name = loggerName;
    this.#level = getLevelByName(levelName);
    this.handlers = options.handlers ?? [];
  }

  /** The least severe messages it takes. */
  get level(): LogLevel {
    return this.#level;
  }
  set level(level: LogLevel) {
    if (!Object.values(LogLevels).includes(level)) throw new TypeError(`Invalid log level: ${level}`);
    this.#level = level;
  }

  /** The name of {@linkcode Logger.level}. */
  get levelName(): LevelName {
    return getLevelName(this.#level);
  }
  set levelName(levelName: LevelName) {
    this.#level = getLevelByName(levelName);
  }

  /** The name it was made with. */
  get loggerName(): string {
    return this.#name;
  }

  /** The text that a message of any type is logged as. */
  asString(data: unknown, isProperty = false): string {
    if (typeof data === "string") return isProperty ? `"${data}"` : data;
    if (typeof data === "function") return "undefined";
    if (typeof data !== "object" || data === null) return String(data);
    if (data instanceof Error) return data.stack ?? String(data);
    const entries = Object.entries(data).map(([key, value]) => `"${key}":${this.asString(value, true)}`);
    return `{${entries.join(",")}}`;
  }

  /** Logs with level DEBUG and gives the message back. */
  debug<T>(msg: () => T, ...args: unknown[]): T | undefined;
  /** Logs with level DEBUG and gives the message back. */
  debug<T>(msg: T extends GenericFunction ? never : T, ...args: unknown[]): T;
  debug<T>(msg: Message<T>, ...args: unknown[]): T | undefined {
    return this.#log(LogLevels.DEBUG, msg, args);
  }

  /** Logs with level INFO and gives the message back. */
  info<T>(msg: () => T, ...args: unknown[]): T | undefined;
  /** Logs with level INFO and gives the message back. */
  info<T>(msg: T extends GenericFunction ? never : T, ...args: unknown[]): T;
  info<T>(msg: Message<T>, ...args: unknown[]): T | undefined {
    return this.#log(LogLevels.INFO, msg, args);
  }

  /** Logs with level WARN and gives the message back. */
  warn<T>(msg: () => T, ...args: unknown[]): T | undefined;
  /** Logs with level WARN and gives the message back. */
  warn<T>(msg: T extends GenericFunction ? never : T, ...args: unknown[]): T;
  warn<T>(msg: Message<T>, ...args: unknown[]): T | undefined {
    return this.#log(LogLevels.WARN, msg, args);
  }

  /** Logs with level ERROR and gives the message back. */
  error<T>(msg: () => T, ...args: unknown[]): T | undefined;
  /** Logs with level ERROR and gives the message back. */
  error<T>(msg: T extends GenericFunction ? never : T, ...args: unknown[]): T;
  error<T>(msg: Message<T>, ...args: unknown[]): T | undefined {
    return this.#log(LogLevels.ERROR, msg, args);
  }

  /** Logs with level CRITICAL and gives the message back. */
  critical<T>(msg: () => T, ...args: unknown[]): T | undefined;
  /** Logs with level CRITICAL and gives the message back. */
  critical<T>(msg: T extends GenericFunction ? never : T, ...args: unknown[]): T;
  critical<T>(msg: Message<T>, ...args: unknown[]): T | undefined {
    return this.#log(LogLevels.CRITICAL, msg, args);
  }

  #log<T>(level: LogLevel, msg: Message<T>, args: unknown[]): T | undefined {
    const isLazy = msg instanceof Function;
    if (this.#level > level) return isLazy ? undefined : msg;
    const value = isLazy ? msg() : msg;
    const record = new LogRecord({ msg: this.asString(value), args, level, loggerName: this.#name });
    for (const handler of this.handlers) handler.handle(record);
    return value;
  }
}
