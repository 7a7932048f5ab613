/**
 * Time that passes when a test says so.
 *
 * @module
 */

interface Timer {
  readonly id: number;
  readonly callback: () => void;
  readonly interval: number | undefined;
  at: number;
}

// Taken before any test can replace it.
const realSetTimeout = globalThis.setTimeout;

/** A clock with timers; its methods may be passed on without the object. */
export class FakeClock {
  #now: number;
  #lastId = 0;
  readonly #timers = new Map<number, Timer>();

  /** Starts at so many milliseconds. */
  constructor(now = 0) {
    this.#now = now;
  }

  /** How many timers are pending. */
  get pending(): number {
    return this.#timers.size;
  }

  /** The time in milliseconds. */
  readonly now = (): number => this.#now;

  /** Like the global `setTimeout`. */
  readonly setTimeout = (callback: () => void, delay = 0): number => this.#add(callback, delay);

  /** Like the global `setInterval`. */
  readonly setInterval = (callback: () => void, delay = 0): number => {
    // An interval of nothing would never let the time advance.
    return this.#add(callback, delay, Math.max(1, delay));
  };

  /** Like the global `clearTimeout`. */
  readonly clearTimeout = (id?: number): void => {
    if (id !== undefined) this.#timers.delete(id);
  };

  /** Like the global `clearInterval`. */
  readonly clearInterval = (id?: number): void => this.clearTimeout(id);

  /**
   * Lets so many milliseconds pass: calls what falls due, in order, and lets everything that was waiting
   * on it run before the next.
   */
  readonly advance = async (milliseconds: number): Promise<void> => {
    const end = this.#now + milliseconds;
    await settle();
    for (let timer = this.#nextBefore(end); timer !== undefined; timer = this.#nextBefore(end)) {
      this.#now = Math.max(this.#now, timer.at);
      if (timer.interval === undefined) this.#timers.delete(timer.id);
      else timer.at += timer.interval;
      timer.callback();
      await settle();
    }
    this.#now = end;
  };

  #add(callback: () => void, delay: number, interval?: number): number {
    const id = ++this.#lastId;
    this.#timers.set(id, { id, callback, interval, at: this.#now + Math.max(0, delay) });
    return id;
  }

  #nextBefore(end: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers.values()) {
      if (timer.at <= end && (next === undefined || timer.at < next.at)) next = timer;
    }
    return next;
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => realSetTimeout(resolve, 0));
}
