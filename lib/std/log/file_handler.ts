/**
 * `@std/log/file-handler`: records in a file.
 *
 * @module
 */

import { BaseHandler, type BaseHandlerOptions } from "./base_handler.ts";
import { type LevelName, LogLevels } from "./levels.ts";
import type { LogRecord } from "./logger.ts";

/** `a` appends, `w` starts anew, `x` fails if the file is there. */
export type LogMode = "a" | "w" | "x";

/** Options of a {@linkcode FileHandler}. */
export interface FileHandlerOptions extends BaseHandlerOptions {
  /** The path of the file. */
  filename: string;
  /** What to do with a file that is there; `a` unless given. */
  mode?: LogMode;
  /** Bytes held back before they are written; 4096 unless given. */
  bufferSize?: number;
}

const encoder = new TextEncoder();

/** Appends records to a file, synchronously, through a buffer that CRITICAL records and the end flush. */
export class FileHandler extends BaseHandler {
  readonly #filename: string;
  readonly #mode: LogMode;
  readonly #buffer: Uint8Array<ArrayBuffer>;
  readonly #onUnload = (): void => this.destroy();
  #length = 0;
  #file?: Deno.FsFile;

  /** Makes a handler of the level's records and those above. */
  constructor(levelName: LevelName, options: FileHandlerOptions) {
    super(levelName, options);
    this.#filename = options.filename;
    this.#mode = options.mode ?? "a";
    this.#buffer = new Uint8Array(options.bufferSize ?? 4096);
  }

  /** Opens the file. */
  override setup(): void {
    this.#file = Deno.openSync(this.#filename, {
      write: true,
      create: this.#mode !== "x",
      createNew: this.#mode === "x",
      append: this.#mode === "a",
      truncate: this.#mode !== "a",
    });
    this.#length = 0;
    addEventListener("unload", this.#onUnload);
  }

  /** Writes a record, unless it is below the handler's level. */
  override handle(logRecord: LogRecord): void {
    super.handle(logRecord);
    if (logRecord.level > LogLevels.ERROR) this.flush();
  }

  /** Writes a formatted record. */
  log(msg: string): void {
    const bytes = encoder.encode(`${msg}\n`);
    if (bytes.byteLength > this.#buffer.byteLength - this.#length) this.flush();
    if (bytes.byteLength > this.#buffer.byteLength) {
      this.#write(bytes);
    } else {
      this.#buffer.set(bytes, this.#length);
      this.#length += bytes.byteLength;
    }
  }

  /** Writes what is held back. */
  flush(): void {
    if (this.#file === undefined) return;
    this.#write(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
  }

  /** Writes what is held back and closes the file. */
  override destroy(): void {
    this.flush();
    this.#file?.close();
    this.#file = undefined;
    removeEventListener("unload", this.#onUnload);
  }

  #write(bytes: Uint8Array): void {
    let written = 0;
    while (written < bytes.byteLength) written += this.#file!.writeSync(bytes.subarray(written));
  }
}
