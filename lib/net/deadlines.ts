/**
 * Timeouts of the data path. A dial or a preview takes a fraction of its timeout, so that timers would be
 * started and stopped all the time; here that costs an insertion, and one interval looks at what is left.
 *
 * @module
 */

import { Bag, type Member } from "./bag.ts";

/** A timeout that can be taken back. */
export interface Deadline {
  /** Takes it back; does nothing when it has passed. */
  cancel(): void;
}

/** How late a deadline may be noticed. */
const TICK_MS = 25;

class Pending implements Deadline, Member {
  position = -1;

  constructor(readonly at: number, readonly passed: () => void) {}

  cancel(): void {
    pending.remove(this);
  }
}

const pending = new Bag<Pending>();
let timer: ReturnType<typeof setTimeout> | undefined;

/** Calls `passed` once so many milliseconds are over, up to 25 ms later. */
export function deadline(milliseconds: number, passed: () => void): Deadline {
  const entry = new Pending(performance.now() + milliseconds, passed);
  pending.add(entry);
  timer ??= setTimeout(tick, TICK_MS);
  return entry;
}

/** Stops the clock if nothing waits for it, so that nothing stays behind when the data path ends. */
export function restDeadlines(): void {
  if (pending.size > 0) return;
  clearTimeout(timer);
  timer = undefined;
}

function tick(): void {
  const now = performance.now();
  // They are collected first: what is done then may add and cancel others.
  for (const entry of pending[Symbol.iterator]().filter(({ at }) => at <= now).toArray()) {
    if (pending.remove(entry)) entry.passed();
  }
  timer = pending.size > 0 ? setTimeout(tick, TICK_MS) : undefined;
}
