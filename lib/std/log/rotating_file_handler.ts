/**
 * `@std/log/rotating-file-handler`: records in a file of bounded size, and its predecessors.
 *
 * @module
 */

import { FileHandler, type FileHandlerOptions } from "./file_handler.ts";
import type { LevelName } from "./levels.ts";

/** Options of a {@linkcode RotatingFileHandler}. */
export interface RotatingFileHandlerOptions extends FileHandlerOptions {
  /** The size in bytes that the file stays below. */
  maxBytes: number;
  /** How many predecessors are kept. */
  maxBackupCount: number;
}

const encoder = new TextEncoder();

/** Appends records to a file; before it grows too large it becomes `.1`, `.1` becomes `.2`, and so on. */
export class RotatingFileHandler extends FileHandler {
  readonly #options: RotatingFileHandlerOptions;
  #size = 0;

  /** Makes a handler of the level's records and those above. */
  constructor(levelName: LevelName, options: RotatingFileHandlerOptions) {
    super(levelName, options);
    this.#options = options;
  }

  /** Opens the file; with mode `w` removes its predecessors, with mode `x` fails if there are any. */
  override setup(): void {
    for (const name of ["maxBytes", "maxBackupCount"] as const) {
      const value = this.#options[name];
      if (value < 1) throw new Error(`"${name}" must be >= 1: received ${value}`);
    }
    super.setup();
    const { filename, mode } = this.#options;
    if (mode === "w") this.#backups().forEach(removeIfThere);
    else if (mode === "x") this.#refuseBackups();
    else this.#size = Deno.statSync(filename).size;
  }

  /** Writes a formatted record. */
  override log(msg: string): void {
    const size = encoder.encode(msg).byteLength + 1;
    if (this.#size + size > this.#options.maxBytes) {
      this.rotateLogFiles();
      this.#size = 0;
    }
    super.log(msg);
    this.#size += size;
  }

  /** Renames the file and its predecessors, and begins a new file. */
  rotateLogFiles(): void {
    super.destroy();
    const names = [this.#options.filename, ...this.#backups()];
    for (let i = names.length - 1; i > 0; i--) renameIfThere(names[i - 1]!, names[i]!);
    super.setup();
  }

  #backups(): string[] {
    return Array.from(
      { length: this.#options.maxBackupCount },
      (_, i) => `${this.#options.filename}.${i + 1}`,
    );
  }

  #refuseBackups(): void {
    const existing = this.#backups().find(isThere);
    if (existing === undefined) return;
    this.destroy();
    throw new Deno.errors.AlreadyExists(`Backup log file ${existing} already exists`);
  }
}

function isThere(path: string): boolean {
  return ifThere(() => Deno.statSync(path)) !== undefined;
}

function removeIfThere(path: string): void {
  ifThere(() => Deno.removeSync(path));
}

function renameIfThere(from: string, to: string): void {
  ifThere(() => Deno.renameSync(from, to));
}

function ifThere<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
