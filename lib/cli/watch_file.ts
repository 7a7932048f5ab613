/**
 * Notices when a file changes: by writing to it, and by putting another one in its place.
 *
 * @module
 */

import type { Logger } from "../routing/logger.ts";
import { messageOf } from "../routing/message_of.ts";

/** What a watch works with. */
export interface WatchOptions {
  readonly onChange: () => void;
  readonly logger: Logger;
}

/** A watch that can be turned on and off. */
export interface FileWatch extends Disposable {
  enabled: boolean;
}

/** The link that Kubernetes exchanges to change all files of a mounted ConfigMap at once: each leads through it. */
const MOUNTED_DATA = "..data";

/** Editors write in several steps: the file is read once it has been quiet for so long. */
const QUIET_MS = 100;

/** Watches the directory of a file, because the file itself may be replaced. */
export function watchFile(path: string, { onChange, logger }: WatchOptions): FileWatch {
  let watcher: Deno.FsWatcher | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const name = path.replace(/^.*[\\/]/, "");
  const directory = path.slice(0, path.length - name.length) || ".";
  const isOfFile = (it: string) => it.endsWith(`/${name}`) || it.endsWith(`/${MOUNTED_DATA}`);
  const follow = async (events: Deno.FsWatcher) => {
    for await (const { kind, paths } of events) {
      if (kind === "access" || !paths.some(isOfFile)) continue;
      clearTimeout(timer);
      timer = setTimeout(onChange, QUIET_MS);
    }
  };
  const stop = () => {
    clearTimeout(timer);
    watcher?.close();
    watcher = undefined;
  };
  return {
    get enabled() {
      return watcher !== undefined;
    },
    set enabled(enabled) {
      stop();
      if (!enabled) return;
      try {
        watcher = Deno.watchFs(directory);
        follow(watcher).catch((error) => logger.error("cannot watch", { file: path, reason: error.message }));
      } catch (error) {
        logger.error("cannot watch", { file: path, reason: messageOf(error) });
      }
    },
    [Symbol.dispose]: stop,
  };
}
