/**
 * A wait that can be cut short.
 *
 * @module
 */

/** Resolves after so many milliseconds, or as soon as the signal is aborted. */
export function delay(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", over);
      resolve();
    };
    const timer = setTimeout(over, milliseconds);
    signal.addEventListener("abort", over);
    if (signal.aborted) over();
  });
}
