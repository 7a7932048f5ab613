/**
 * Waiting for something to become true, without guessing how long it takes.
 *
 * @module
 */

/** Options for {@linkcode eventually}. */
export interface EventuallyOptions {
  /** Milliseconds after which waiting is a failure; 5000 unless given. */
  readonly timeout?: number;
  /** Milliseconds between two attempts; 10 unless given. */
  readonly interval?: number;
  /** What is waited for, for the error. */
  readonly what?: string;
}

/**
 * Calls the probe until it gives something other than `false` or `undefined`, and gives that.
 *
 * @throws {Error} when the time is up, with the last error of the probe as its cause.
 */
export async function eventually<T>(
  probe: () => T | false | undefined | Promise<T | false | undefined>,
  options: EventuallyOptions = {},
): Promise<T> {
  const { timeout = 5000, interval = 10, what = "the condition" } = options;
  const deadline = performance.now() + timeout;
  let cause: unknown;
  do {
    try {
      const value = await probe();
      if (value !== false && value !== undefined) return value;
    } catch (error) {
      cause = error;
    }
    await new Promise((resolve) => setTimeout(resolve, interval));
  } while (performance.now() < deadline);
  throw new Error(`Waited ${timeout} ms in vain for ${what}`, { cause });
}
