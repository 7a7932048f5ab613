/**
 * Calling back from time to time, as an argument with a default.
 *
 * @module
 */

/** Calls back every so many milliseconds until what it answers is disposed. */
export type StartInterval = (callback: () => void, milliseconds: number) => Disposable;

/** The system's interval. It keeps no process alive. */
export function startInterval(callback: () => void, milliseconds: number): Disposable {
  const timer = setInterval(callback, milliseconds);
  Deno.unrefTimer(timer);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
