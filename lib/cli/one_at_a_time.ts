/**
 * Work that may be wanted again while it is done.
 *
 * @module
 */

/**
 * A function that has the action run once for each call, but never twice at once: all calls during a run ask for one
 * more run after it. The action must not reject.
 */
export function oneAtATime(action: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let wantedAgain = false;
  const run = async () => {
    do {
      wantedAgain = false;
      await action();
    } while (wantedAgain);
    running = undefined;
  };
  return () => {
    wantedAgain = true;
    return running ??= run();
  };
}
