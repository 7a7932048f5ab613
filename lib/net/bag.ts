/**
 * Members that come and go with every connection.
 *
 * A `Set` would do, but for the garbage collector: each time it runs out of slots it leaves behind a table that
 * still points to all its members and to the next table. Once one of those is old, everything ever added counts
 * as alive until the next full collection, and is copied about.
 *
 * @module
 */

/** What can be in one {@linkcode Bag} at a time. */
export interface Member {
  /** Where it is; -1 while it is nowhere. Only the bag writes it. */
  position: number;
}

/**
 * Members in no particular order. Adding and removing are a few instructions and leave nothing behind.
 *
 * @example
 * ```ts
 * import { Bag } from "./bag.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bag = new Bag<{ position: number; name: string }>();
 * const one = { position: -1, name: "one" };
 * bag.add(one);
 * assertEquals(bag.remove(one), true);
 * assertEquals(bag.remove(one), false);
 * ```
 */
export class Bag<T extends Member> implements Iterable<T> {
  readonly #members: T[] = [];

  /** How many there are. */
  get size(): number {
    return this.#members.length;
  }

  /** All of them. What is added or removed meanwhile may be seen or not: copy first. */
  [Symbol.iterator](): ArrayIterator<T> {
    return this.#members.values();
  }

  /** Adds what is in no bag. */
  add(member: T): void {
    member.position = this.#members.length;
    this.#members.push(member);
  }

  /** Removes a member; false if it is not here any more. */
  remove(member: T): boolean {
    const { position } = member;
    if (position < 0) return false;
    const last = this.#members.pop()!;
    if (last !== member) {
      this.#members[position] = last;
      last.position = position;
    }
    member.position = -1;
    return true;
  }
}
