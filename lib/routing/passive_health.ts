/**
 * What live traffic tells of a backend: failed dials and early resets within a sliding window eject it, for
 * a cooldown. After the cooldown it is on trial: until something succeeds, the first failure ejects it
 * again, so that a backend that stays dead costs one attempt a cooldown.
 *
 * A failure that a client may have brought about counts once a window for each client, so that none of them can
 * take a backend away from all others.
 *
 * Memory and time are constant: the window is a ring of the last `failures` times.
 *
 * @module
 */

/** When traffic ejects a backend, and for how long. */
export interface PassiveHealthSpec {
  /** Failures within the window that eject (`passive-failures`); 0 never ejects. */
  readonly failures: number;
  /** Length of the sliding window (`passive-window`), in milliseconds. */
  readonly window: number;
  /** How long an ejection lasts unless health checks end it (`passive-cooldown`), in milliseconds. */
  readonly cooldown: number;
}

/** What holds for a backend that says nothing about it. */
export const DEFAULT_PASSIVE_HEALTH: PassiveHealthSpec = { failures: 3, window: 10_000, cooldown: 10_000 };

/** The ranges of the parameters: a window holds as many times as failures, and timers end at 2^31 - 1 ms. */
const RANGES = {
  "passive-failures": { from: 0, to: 1000, unit: "" },
  "passive-window": { from: 1, to: 2 ** 31 - 1, unit: " of milliseconds" },
  "passive-cooldown": { from: 1, to: 2 ** 31 - 1, unit: " of milliseconds" },
} as const;

/** The backend parameters that {@linkcode passiveHealthSpec} reads. */
export const PASSIVE_HEALTH_PARAMETERS: readonly string[] = Object.keys(RANGES);

/**
 * Reads the spec from a backend's parameters, with the defaults for what is missing. Throws a
 * {@linkcode RangeError} that quotes the value where it is no whole number in its range.
 *
 * @example
 * ```ts
 * import { passiveHealthSpec } from "./passive_health.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const spec = passiveHealthSpec({ "target.port": "80", "passive-failures": "5" });
 * assertEquals(spec, { failures: 5, window: 10_000, cooldown: 10_000 });
 * ```
 */
export function passiveHealthSpec(parameters: Readonly<Record<string, string>>): PassiveHealthSpec {
  return {
    failures: readNumber(parameters, "passive-failures") ?? DEFAULT_PASSIVE_HEALTH.failures,
    window: readNumber(parameters, "passive-window") ?? DEFAULT_PASSIVE_HEALTH.window,
    cooldown: readNumber(parameters, "passive-cooldown") ?? DEFAULT_PASSIVE_HEALTH.cooldown,
  };
}

function readNumber(
  parameters: Readonly<Record<string, string>>,
  name: keyof typeof RANGES,
): number | undefined {
  const text = parameters[name];
  if (text === undefined) return undefined;
  const { from, to, unit } = RANGES[name];
  const value = Number(text);
  if (/^[0-9]+$/.test(text) && value >= from && value <= to) return value;
  throw new RangeError(`${name} must be a number${unit} from ${from} to ${to}, but is "${text}"`);
}

/**
 * The record of one backend's traffic. Times are milliseconds of any clock that does not go back.
 *
 * @example
 * ```ts
 * import { PassiveHealth } from "./passive_health.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const passive = new PassiveHealth({ failures: 2, window: 1000, cooldown: 5000 });
 * assertEquals(passive.failed(0), false);
 * assertEquals(passive.failed(900), true);
 * assertEquals(passive.ejectedUntil, 5900);
 * ```
 */
export class PassiveHealth {
  readonly #spec: PassiveHealthSpec;
  /** Times of the last failures; the next one replaces the oldest. */
  readonly #times: Float64Array;
  /** Who may have brought about each of them. */
  readonly #causes: (string | undefined)[] = [];
  #next = 0;
  #ejectedUntil: number | undefined;
  #onTrial = false;

  /** An empty record. */
  constructor(spec: PassiveHealthSpec = DEFAULT_PASSIVE_HEALTH) {
    this.#spec = spec;
    this.#times = new Float64Array(spec.failures).fill(-Infinity);
  }

  /** When the cooldown ends; undefined while the backend is not ejected. */
  get ejectedUntil(): number | undefined {
    return this.#ejectedUntil;
  }

  /**
   * Records a failure; true when it ejects the backend. Failures during the cooldown, of traffic that was
   * under way or had nowhere else to go, count for nothing. `cause` is the client that may have brought it about.
   */
  failed(at: number, cause?: string): boolean {
    const { failures, window, cooldown } = this.#spec;
    if (failures === 0 || this.#ejectedUntil !== undefined) return false;
    const isRepeated = this.#times.some((time, i) => at - time <= window && this.#causes[i] === cause);
    if (cause !== undefined && isRepeated) return false;
    this.#times[this.#next] = at;
    this.#causes[this.#next] = cause;
    this.#next = (this.#next + 1) % failures;
    const oldest = this.#times[this.#next]!;
    if (!this.#onTrial && at - oldest > window) return false;
    this.#ejectedUntil = at + cooldown;
    return true;
  }

  /** Records that traffic went through: a trial is passed. */
  succeeded(): void {
    this.#onTrial = false;
  }

  /** Ends the cooldown when its time has come; true when it did. The backend is then on trial. */
  cooledDown(at: number): boolean {
    if (this.#ejectedUntil === undefined || at < this.#ejectedUntil) return false;
    this.reset();
    this.#onTrial = true;
    return true;
  }

  /** Forgets everything; for when health checks found the backend well. */
  reset(): void {
    this.#times.fill(-Infinity);
    this.#ejectedUntil = undefined;
    this.#onTrial = false;
  }
}
