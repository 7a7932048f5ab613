/**
 * How much a guest may bother its host with; the guest keeps to it by itself where it can.
 *
 * @module
 */

/** Lines of a guest that its host logs; more are dropped and counted. */
export const LOG_BUDGET = { burst: 500, perSecond: 100 } as const;

/** What a {@linkcode Budget} may be given. */
export interface BudgetOptions {
  /** What can be spent at once. */
  readonly burst: number;
  /** What comes back each second. */
  readonly perSecond: number;
  /** Milliseconds of a clock that does not go back. */
  readonly now?: () => number;
}

/** A token bucket. */
export class Budget {
  readonly #options: Required<BudgetOptions>;
  #left: number;
  #at: number;

  /** A full bucket. */
  constructor({ now = () => performance.now(), ...options }: BudgetOptions) {
    this.#options = { now, ...options };
    this.#left = options.burst;
    this.#at = now();
  }

  /** Spends one; false if there is none left. */
  spend(): boolean {
    if (this.#left < 1) this.#refill();
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }

  #refill(): void {
    const { burst, perSecond, now } = this.#options;
    const at = now();
    this.#left = Math.min(burst, this.#left + (at - this.#at) / 1000 * perSecond);
    this.#at = at;
  }
}
