/**
 * `@std/log/console-handler`: records on standard output.
 *
 * @module
 */

import { blue, bold, red, yellow } from "../fmt/colors.ts";
import { BaseHandler, type BaseHandlerOptions } from "./base_handler.ts";
import { type LevelName, LogLevels } from "./levels.ts";
import type { LogRecord } from "./logger.ts";

/** Options of a {@linkcode ConsoleHandler}. */
export interface ConsoleHandlerOptions extends BaseHandlerOptions {
  /** False writes without colours. */
  useColors?: boolean;
}

/** Writes records with `console.log`, coloured by severity. */
export class ConsoleHandler extends BaseHandler {
  readonly #useColors: boolean;

  /** Makes a handler of the level's records and those above. */
  constructor(levelName: LevelName, options: ConsoleHandlerOptions = {}) {
    super(levelName, options);
    this.#useColors = options.useColors ?? true;
  }

  /** Turns a record into the text to write. */
  override format(logRecord: LogRecord): string {
    const msg = super.format(logRecord);
    return this.#useColors ? this.applyColors(msg, logRecord.level) : msg;
  }

  /** Colours a text by severity. */
  applyColors(msg: string, level: number): string {
    switch (level) {
      case LogLevels.INFO:
        return blue(msg);
      case LogLevels.WARN:
        return yellow(msg);
      case LogLevels.ERROR:
        return red(msg);
      case LogLevels.CRITICAL:
        return bold(red(msg));
      default:
        return msg;
    }
  }

  /** Writes a formatted record. */
  log(msg: string): void {
    console.log(msg);
  }
}
