/**
 * How long to wait before a process that has crashed is started again.
 *
 * @module
 */

/** The first delay, in milliseconds; each is twice the one before. */
const FIRST_MS = 100;
/** The longest delay, in milliseconds. */
const LONGEST_MS = 30_000;
/** A process that has run for so long, in milliseconds, is taken to be well again. */
const WELL_MS = 60_000;

/** Doubles the delay from crash to crash. */
export class RestartDelay {
  #next = FIRST_MS;

  /** The delay in milliseconds after a run of so many milliseconds. */
  after(run: number): number {
    if (run >= WELL_MS) this.#next = FIRST_MS;
    const delay = this.#next;
    this.#next = Math.min(LONGEST_MS, delay * 2);
    return delay;
  }
}
