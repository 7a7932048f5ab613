/**
 * Calls that wait for their answers. A `Map` would do, but for the garbage collector: see `net/bag.ts`.
 *
 * @module
 */

/** What can be in one {@linkcode PendingTable} at a time. */
export interface PendingEntry<T> {
  /** The number that it is found by. */
  readonly id: number;
  /** Another one of the same bucket. Only the table writes it. */
  next: T | undefined;
}

/** Numbers are given one after another, so that calls spread evenly. A power of two. */
const BUCKETS = 256;

/**
 * A hash table that leaves nothing behind.
 *
 * @example
 * ```ts
 * import { PendingTable } from "./host_pending.ts";
 * import { assertEquals } from "@std/assert";
 *
 * class Call {
 *   next: Call | undefined;
 *   constructor(readonly id: number) {}
 * }
 * const table = new PendingTable<Call>();
 * table.add(new Call(7));
 * assertEquals(table.take(7)?.id, 7);
 * assertEquals(table.take(7), undefined);
 * ```
 */
export class PendingTable<T extends PendingEntry<T>> {
  readonly #buckets: (T | undefined)[] = new Array(BUCKETS).fill(undefined);

  /** Adds what is in no table, under an id that nothing else here has. */
  add(entry: T): void {
    const bucket = entry.id % BUCKETS;
    entry.next = this.#buckets[bucket];
    this.#buckets[bucket] = entry;
  }

  /** What has this id. */
  find(id: number): T | undefined {
    let entry = this.#buckets[id % BUCKETS];
    while (entry !== undefined && entry.id !== id) entry = entry.next;
    return entry;
  }

  /** Removes what has this id. */
  take(id: number): T | undefined {
    const bucket = id % BUCKETS;
    let before: T | undefined;
    let entry = this.#buckets[bucket];
    while (entry !== undefined && entry.id !== id) {
      before = entry;
      entry = entry.next;
    }
    if (entry === undefined) return undefined;
    if (before === undefined) this.#buckets[bucket] = entry.next;
    else before.next = entry.next;
    entry.next = undefined;
    return entry;
  }

  /** The ids of all that is there. */
  ids(): number[] {
    const ids: number[] = [];
    for (const first of this.#buckets) {
      for (let entry = first; entry !== undefined; entry = entry.next) ids.push(entry.id);
    }
    return ids;
  }
}
