/**
 * Log files of a day: `pmmux.20261122.log`, and where one has grown to its limit, `pmmux.20261122.1.log` and so
 * on. Days are those of UTC, as are the times in the lines.
 *
 * Several processes may write to one directory. None of them knows what the others do, so each looks again for the
 * newest file, and at its size, whenever it writes what it has held back.
 *
 * Unlike in the first pmmux, there is no bound of ten files a day after which nothing is written: only
 * `log-file-max-retain` bounds their number, and then the oldest go.
 *
 * @module
 */

/** A file that lines are appended to. */
export interface LogFile {
  /** Appends a line; it may be held back until the next flush. */
  log(line: string): void;
  /** Writes what is held back. */
  flush(): void;
  /** Writes what is held back and closes the file. */
  destroy(): void;
}

/** Where and how much is written. */
export interface RotatingLogOptions {
  /** Created if it is not there. */
  readonly directory: string;
  /** Bytes of one file; unlimited unless given. */
  readonly maxSize?: number;
  /** Number of files that are kept, the one that is written included; unlimited unless given. */
  readonly maxRetain?: number;
  /** Opens a file for appending. */
  readonly open: (path: string) => LogFile;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Which file of which day: ordered by day, then by number. */
interface FileId {
  readonly day: string;
  readonly number: number;
}

const FILE_NAME = /^pmmux\.([0-9]{8})(?:\.([1-9][0-9]{0,8}))?\.log$/;

/** Bytes that are held back at most. */
const MAX_HELD_BACK = 16 * 1024;

const encoder = new TextEncoder();

/** A line that is not written yet. */
interface HeldBack {
  readonly line: string;
  readonly length: number;
}

/** Writes lines to the file of the day, and begins the next when the day or the file is over. */
export class RotatingLog {
  readonly #options: RotatingLogOptions;
  #current: FileId & { readonly file: LogFile };
  #size: number;
  #heldBack: HeldBack[] = [];
  #heldBackLength = 0;
  /** The day of the lines that are held back. */
  #day: string;
  #closed = false;

  /** Opens the file of today where an earlier run has left off. Throws what the file system throws. */
  constructor(options: RotatingLogOptions) {
    this.#options = options;
    Deno.mkdirSync(options.directory, { recursive: true });
    this.#day = this.#today();
    const id = this.#lastOf(this.#day);
    this.#current = { ...id, file: options.open(this.#path(id)) };
    this.#size = Deno.statSync(this.#path(id)).size;
    this.#removeOldest();
  }

  /** Appends a line, unless the log is closed; it is held back until the next flush. Throws what the file system throws. */
  write(line: string): void {
    if (this.#closed) return;
    const today = this.#today();
    if (today !== this.#day) this.flush();
    this.#day = today;
    const length = encoder.encode(line).byteLength + 1;
    this.#heldBack.push({ line, length });
    this.#heldBackLength += length;
    if (this.#heldBackLength >= MAX_HELD_BACK) this.flush();
  }

  /** Writes what is held back; where that fails, it is lost. Throws what the file system throws. */
  flush(): void {
    if (this.#closed || this.#heldBack.length === 0) return;
    const lines = this.#heldBack;
    this.#heldBack = [];
    this.#heldBackLength = 0;
    this.#follow();
    const { maxSize = Infinity } = this.#options;
    for (const { line, length } of lines) {
      // A line that is longer than a file may be gets a file of its own.
      if (this.#size > 0 && this.#size + length > maxSize) {
        this.#continueWith({ day: this.#day, number: this.#current.number + 1 });
      }
      this.#current.file.log(line);
      this.#size += length;
    }
    this.#current.file.flush();
  }

  /** Writes what is held back and closes the file. Throws what the file system throws. */
  close(): void {
    if (this.#closed) return;
    try {
      this.flush();
    } finally {
      this.#closed = true;
      this.#current.file.destroy();
    }
  }

  /** Finds where to write on: another process may have begun a file, or removed ours, or written to it. */
  #follow(): void {
    const newest = this.#files().findLast(({ day }) => day === this.#day);
    const { day, number } = this.#current;
    if (newest?.day === day && newest.number === number) this.#size = Deno.statSync(this.#path(newest)).size;
    else this.#continueWith(newest ?? { day: this.#day, number: 0 });
  }

  #today(): string {
    return new Date(this.#options.now()).toISOString().slice(0, 10).replaceAll("-", "");
  }

  /** The new file is opened first: while that fails, the old one is not lost. */
  #continueWith(id: FileId): void {
    const path = this.#path(id);
    const file = this.#options.open(path);
    const previous = this.#current.file;
    this.#current = { ...id, file };
    this.#size = Deno.statSync(path).size;
    this.#removeOldest();
    previous.destroy();
  }

  #removeOldest(): void {
    const { maxRetain = Infinity } = this.#options;
    const files = this.#files();
    for (const id of files.slice(0, Math.max(0, files.length - Math.max(1, maxRetain)))) {
      try {
        Deno.removeSync(this.#path(id));
      } catch {
        // It may be gone already; a file that cannot be removed must not cost the lines to come.
      }
    }
  }

  /** The file of a day that an earlier run has left off at. */
  #lastOf(day: string): FileId {
    return this.#files().findLast((id) => id.day === day) ?? { day, number: 0 };
  }

  /** The log files in the directory, oldest first. */
  #files(): FileId[] {
    const names = [...Deno.readDirSync(this.#options.directory)].map(({ name }) => name);
    return names.flatMap(parseFileName).sort((a, b) => a.day.localeCompare(b.day) || a.number - b.number);
  }

  #path({ day, number }: FileId): string {
    return `${this.#options.directory}/pmmux.${day}${number === 0 ? "" : `.${number}`}.log`;
  }
}

function parseFileName(name: string): FileId[] {
  const match = FILE_NAME.exec(name);
  return match === null ? [] : [{ day: match[1]!, number: Number(match[2] ?? 0) }];
}
