/**
 * Keeps a guest running: starts it, tells the core when it is lost, and starts it again with growing pauses.
 *
 * @module
 */

import { delay } from "../net/delay.ts";
import type { BackendAvailability } from "../routing/backend_module.ts";
import type { Logger } from "../routing/logger.ts";
import { messageOf } from "../routing/message_of.ts";
import { endsWithin, type Guest } from "./host_guest.ts";

/** Pauses before a guest is started again, in milliseconds. */
export interface RestartPauses {
  /** Before the first try; each further one waits twice as long. */
  readonly first: number;
  /** At most. */
  readonly longest: number;
  /** How long a guest must run for the pauses to begin anew. */
  readonly stable: number;
}

/** What holds unless something else is said. */
const RESTART_PAUSES: RestartPauses = { first: 250, longest: 30_000, stable: 60_000 };

/** What a {@linkcode GuestKeeper} works with. */
export interface GuestKeeperOptions {
  /** Starts a guest, ready to be asked. */
  readonly launch: () => Promise<Guest>;
  /** Told when there is none, and when there is one again. */
  readonly availability?: BackendAvailability;
  readonly logger: Logger;
  readonly pauses?: RestartPauses;
}

const STOPPED = "its backend was stopped";
/** A guest that is still there so long after it was ended cannot be ended, in milliseconds. */
const STUCK_MS = 5000;

/** A guest through all of its lives. */
export class GuestKeeper {
  readonly #options: GuestKeeperOptions;
  readonly #pauses: RestartPauses;
  readonly #stopped = new AbortController();
  #guest: Guest | undefined;
  #reason = "it was not started";
  #kept: Promise<void> | undefined;

  /** Starts nothing yet. */
  constructor(options: GuestKeeperOptions) {
    this.#options = options;
    this.#pauses = options.pauses ?? RESTART_PAUSES;
  }

  /** The guest, while there is one. */
  get guest(): Guest | undefined {
    return this.#guest;
  }

  /** Why there is no guest. */
  get reason(): string {
    return this.#reason;
  }

  /** Starts the guest for the first time; throws if that fails, and does not try again then. */
  async start(): Promise<void> {
    this.#guest = await this.#options.launch();
    this.#kept = this.#keep(this.#guest);
  }

  /** Ends the guest for good, once it has done what it wants to do before. */
  async stop(farewell: (guest: Guest) => Promise<void>): Promise<void> {
    this.#stopped.abort();
    const guest = this.#guest;
    if (guest !== undefined) {
      await farewell(guest).catch(() => {});
      await guest.dismiss(STOPPED);
    }
    await this.#kept;
  }

  async #keep(first: Guest): Promise<void> {
    const { availability, logger } = this.#options;
    let guest = first;
    let pause = this.#pauses.first;
    while (true) {
      const began = performance.now();
      this.#reason = await guest.lost;
      this.#guest = undefined;
      if (this.#stopped.signal.aborted) return;
      if (performance.now() - began > this.#pauses.stable) pause = this.#pauses.first;
      logger.warn("guest ended", { reason: this.#reason, restart_ms: pause });
      availability?.lost(`its guest ended: ${this.#reason}`);
      if (!await endsWithin(guest.ended, STUCK_MS)) {
        logger.error("guest cannot be ended and is not started again before it is", { reason: this.#reason });
        if (!await this.#isGone(guest)) return;
      }
      const next = await this.#restart(pause);
      if (next === undefined) return;
      pause = Math.min(next.pause, this.#pauses.longest);
      guest = this.#guest = next.guest;
      logger.info("guest runs again");
      availability?.regained();
    }
  }

  /** Waits for a guest that cannot be ended to end by itself; false if all is stopped before. */
  #isGone(guest: Guest): Promise<boolean> {
    const { signal } = this.#stopped;
    return new Promise((resolve) => {
      guest.ended.then(() => resolve(true));
      signal.addEventListener("abort", () => resolve(false));
    });
  }

  /** Tries until a guest runs; answers it with the next pause, or nothing once all is stopped. */
  async #restart(first: number): Promise<{ guest: Guest; pause: number } | undefined> {
    const { signal } = this.#stopped;
    for (let pause = first;;) {
      await delay(pause, signal);
      if (signal.aborted) return undefined;
      pause = Math.min(pause * 2, this.#pauses.longest);
      try {
        const guest = await this.#options.launch();
        if (!signal.aborted) return { guest, pause };
        await guest.dismiss(STOPPED);
      } catch (error) {
        this.#reason = messageOf(error);
        this.#options.logger.warn("guest cannot be started", { reason: this.#reason, restart_ms: pause });
      }
    }
  }
}
