/**
 * Notices when a file changes, however that comes about: by writing to it, by putting another in its place, or by
 * leading a link elsewhere that is on its path, as a mounted ConfigMap and a new release do. Notifications of the
 * system would be quicker, but tell of one directory only, and nothing of files of another host.
 *
 * @module
 */

/** What a watch works with. */
export interface WatchOptions {
  readonly onChange: () => void;
  /** Milliseconds between two looks; 500 unless given. */
  readonly interval?: number;
}

/** A watch that can be turned on and off. */
export interface FileWatch extends Disposable {
  enabled: boolean;
}

/** Looks at a file time and again. Editors write in several steps: a change counts once it is the same twice. */
export function watchFile(path: string, { onChange, interval = 500 }: WatchOptions): FileWatch {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let [known, seen] = ["", ""];
  const look = async () => {
    const own = timer;
    const now = await Deno.stat(path).then(identify, absent);
    if (timer !== own) return;
    if (now === seen && now !== known) {
      known = now;
      onChange();
    }
    seen = now;
    if (timer === own) timer = setTimeout(look, interval);
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
      if (!enabled) return;
      known = seen = identifyNow(path);
      timer = setTimeout(look, interval);
    },
    [Symbol.dispose]: stop,
  };
}

/** What is different of a file with another content. */
function identify({ dev, ino, size, mtime }: Deno.FileInfo): string {
  return [dev, ino, size, mtime?.getTime()].join();
}

function absent(): string {
  return "";
}

function identifyNow(path: string): string {
  try {
    return identify(Deno.statSync(path));
  } catch {
    return absent();
  }
}
