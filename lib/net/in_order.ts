/**
 * Keeps sends of one socket in order. The system takes most of them at once, but one that has to wait, as
 * the first of a new socket does, may be overtaken by the next.
 *
 * @module
 */

/** Begins each piece of work when the one before has ended. */
export class InOrder {
  #last: Promise<unknown> | undefined;
  #running = 0;
  /** One function for all work: what is made for each datagram has to be collected. */
  readonly #ended = (): void => {
    if (--this.#running === 0) this.#last = undefined;
  };

  /** Begins the work, at once if nothing is under way; answers what it answers. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last === undefined ? work() : this.#last.then(work, work);
    this.#last = result;
    this.#running++;
    result.then(this.#ended, this.#ended);
    return result;
  }
}
