/**
 * `@std/log/base-handler`: what writes records somewhere.
 *
 * @module
 */

import { getLevelByName, getLevelName, type LevelName, type LogLevel } from "./levels.ts";
import type { LogRecord } from "./logger.ts";

/** Turns a record into the text to write. */
export type FormatterFunction = (logRecord: LogRecord) => string;

/** Options of every handler. */
export interface BaseHandlerOptions {
  /** Turns a record into the text to write; level and message unless given. */
  formatter?: FormatterFunction;
}

/** Writes records of a level and above; subclasses say where to. */
export abstract class BaseHandler {
  /** Turns a record into the text to write. */
  formatter: FormatterFunction;
  #level: LogLevel;

  /** Makes a handler of the level's records and those above. */
  constructor(levelName: LevelName, options: BaseHandlerOptions = {}) {
    this.#level = getLevelByName(levelName);
    this.formatter = options.formatter ?? levelAndMessage;
  }

  /** The least severe records it writes. */
  get level(): LogLevel {
    return this.#level;
  }
  set level(level: LogLevel) {
    this.#level = level;
  }

  /** The name of {@linkcode BaseHandler.level}. */
  get levelName(): LevelName {
    return getLevelName(this.#level);
  }
  set levelName(levelName: LevelName) {
    this.#level = getLevelByName(levelName);
  }

  /** Writes a record, unless it is below the handler's level. */
  handle(logRecord: LogRecord): void {
    if (this.#level > logRecord.level) return;
    this.log(this.format(logRecord));
  }

  /** Turns a record into the text to write. */
  format(logRecord: LogRecord): string {
    return this.formatter(logRecord);
  }

  /** Writes a formatted record. */
  abstract log(msg: string): void;

  /** Called before the first record. */
  setup(): void {}

  /** Called when no more records come. */
  destroy(): void {}

  /** The same as {@linkcode BaseHandler.destroy}. */
  [Symbol.dispose](): void {
    this.destroy();
  }
}

function levelAndMessage(logRecord: LogRecord): string {
  return `${logRecord.levelName} ${logRecord.msg}`;
}
