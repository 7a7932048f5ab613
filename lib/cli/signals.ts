/**
 * What signals mean to a program that runs until it is told to stop.
 *
 * @module
 */

/** What signals do. */
export interface SignalHandlers {
  /** Called for SIGHUP, unless it comes while pmmux stops. */
  readonly onHangup: () => void;
  /**
   * Called for the first SIGINT or SIGTERM. The signal that it is given is aborted when a second one says that it
   * has to be quick.
   */
  readonly onStop: (signal: AbortSignal) => void;
}

/** Listens for signals until it is disposed. */
export function listenForSignals({ onHangup, onStop }: SignalHandlers): Disposable {
  const quick = new AbortController();
  let stopping = false;
  const stop = () => {
    if (stopping) return quick.abort();
    stopping = true;
    onStop(quick.signal);
  };
  const hangUp = () => {
    if (!stopping) onHangup();
  };
  const listeners = new Map<Deno.Signal, () => void>([["SIGINT", stop]]);
  if (Deno.build.os !== "windows") listeners.set("SIGTERM", stop).set("SIGHUP", hangUp);
  for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
  return {
    [Symbol.dispose]() {
      for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
    },
  };
}
