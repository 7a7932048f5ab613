/**
 * Keeps work in order that could overtake itself: the sends of one socket, where the system takes most at once
 * but the first of a new one has to wait, and the changes of one multiplexer or supervisor.
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
