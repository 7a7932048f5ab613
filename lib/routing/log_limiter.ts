/**
 * Keeps repeated warnings from filling the log: said once with the reason, counted after.
 *
 * @module
 */

/** What a {@linkcode LogLimiter} may be given. */
export interface LogLimiterOptions {
  /** Milliseconds of a clock that does not go back. */
  readonly now?: () => number;
  /** Keys remembered at once; beyond, the oldest is forgotten. 1,000 unless given. */
  readonly maxKeys?: number;
}

interface Entry {
  /** When the next message of the key may pass. */
  quietUntil: number;
  suppressed: number;
}

const DEFAULT_MAX_KEYS = 1000;

/**
 * Decides which messages pass.
 *
 * @example
 * ```ts
 * import { LogLimiter } from "./log_limiter.ts";
 * import { assertEquals } from "@std/assert";
 *
 * let now = 0;
 * const limiter = new LogLimiter({ now: () => now });
 * assertEquals(limiter.limited("accept", 1000), 0);
 * assertEquals(limiter.limited("accept", 1000), undefined);
 * now = 1000;
 * const suppressed = limiter.limited("accept", 1000);
 * if (suppressed !== undefined) console.warn("cannot accept", { suppressed });
 * assertEquals(suppressed, 1);
 * ```
 */
export class LogLimiter {
  readonly #entries = new Map<string, Entry>();
  readonly #now: () => number;
  readonly #maxKeys: number;

  /** A limiter that has let nothing pass yet. */
  constructor({ now = () => performance.now(), maxKeys = DEFAULT_MAX_KEYS }: LogLimiterOptions = {}) {
    this.#now = now;
    this.#maxKeys = maxKeys;
  }

  /** True the first time a key is given. */
  once(key: string): boolean {
    return this.limited(key, Infinity) !== undefined;
  }

  /**
   * Lets one message of a key pass in so many milliseconds: answers how many were suppressed since the last
   * one that passed, or undefined for a message that is to be suppressed.
   */
  limited(key: string, milliseconds: number): number | undefined {
    const now = this.#now();
    const entry = this.#entries.get(key);
    if (entry === undefined) {
      this.#remember(key, { quietUntil: now + milliseconds, suppressed: 0 });
      return 0;
    }
    if (now < entry.quietUntil) {
      entry.suppressed++;
      return undefined;
    }
    const { suppressed } = entry;
    entry.quietUntil = now + milliseconds;
    entry.suppressed = 0;
    return suppressed;
  }

  /** Forgets a key: its next message passes. For when what was wrong is well again. */
  forget(key: string): void {
    this.#entries.delete(key);
  }

  #remember(key: string, entry: Entry): void {
    this.#entries.set(key, entry);
    if (this.#entries.size <= this.#maxKeys) return;
    const [oldest] = this.#entries.keys();
    this.#entries.delete(oldest!);
  }
}
