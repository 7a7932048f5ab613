/**
 * Notices when a file changes, however that comes about: by writing to it, by putting another in its place, or by
 * leading a link elsewhere that is on its path, as a mounted ConfigMap and a new release do. Notifications of the
 * system would be quicker, but tell of one directory only, and nothing of files of another host.
 *
 * @module
 */

/** What a watch works with. */
export interface WatchOptions {
  /** What {@linkcode identifyFile} said of the file before it was read last. */
  readonly known: () => string;
  /** Has the file read again. */
  readonly onChange: () => void;
  /** Milliseconds between two looks; 500 unless given. */
  readonly interval?: number;
}

/** A watch that can be turned on and off. */
export interface FileWatch extends Disposable {
  enabled: boolean;
}

/** Looks at a file time and again. Editors write in several steps: a change counts once it is the same twice. */
export function watchFile(path: string, { known, onChange, interval = 500 }: WatchOptions): FileWatch {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last: string | undefined;
  const look = async () => {
    const own = timer;
    const now = await identifyFile(path);
    if (timer !== own) return;
    timer = setTimeout(look, interval);
    if (now === last && now !== known()) onChange();
    last = now;
  };
  const stop = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  return {
    get enabled() {
      return timer !== undefined;
    },
    set enabled(enabled) {
      stop();
      if (enabled) timer = setTimeout(look, interval);
    },
    [Symbol.dispose]: stop,
  };
}

/** A text that is another one when the file is; empty if there is none, or it may not be looked at. */
export async function identifyFile(path: string): Promise<string> {
  if (Deno.permissions.querySync({ name: "read", path }).state !== "granted") return "";
  try {
    const { dev, ino, size, mtime } = await Deno.stat(path);
    return [dev, ino, size, mtime?.getTime()].join();
  } catch {
    return "";
  }
}
