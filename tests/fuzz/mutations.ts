/**
 * Repeatable random bytes, and packets changed at random.
 *
 * @module
 */

import { join } from "../support/verdicts.ts";

/** How many inputs a fuzz test tries: this many, or what the variable `PMMUX_FUZZ` says. */
export function fuzzCount(count: number): number {
  const permission = Deno.permissions.querySync({ name: "env", variable: "PMMUX_FUZZ" });
  const wanted = permission.state === "granted" ? Number(Deno.env.get("PMMUX_FUZZ")) : 0;
  return wanted > 0 ? wanted : count;
}

/** A pseudo-random sequence (mulberry32): the same seed gives the same inputs everywhere. */
export class Random {
  #state: number;

  /** Starts the sequence of a seed. */
  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  /** One of the items. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** That many bytes. */
  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}

type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array;

const MUTATIONS: readonly Mutation[] = [
  flipBit,
  replaceByte,
  insertBytes,
  removeBytes,
  repeatBytes,
  cutOff,
  (bytes, random) => join(bytes, random.bytes(random.below(40))),
];

/** A copy of a packet with one to four changes. */
export function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  let mutated = bytes;
  for (let changes = 1 + random.below(4); changes > 0; changes--) {
    mutated = random.pick(MUTATIONS)(mutated, random);
  }
  return mutated;
}

function flipBit(bytes: Uint8Array, random: Random): Uint8Array {
  if (bytes.length === 0) return bytes;
  const at = near(bytes, random);
  return bytes.with(at, bytes[at]! ^ (1 << random.below(8)));
}

/** Boundaries are more telling than any byte. */
function replaceByte(bytes: Uint8Array, random: Random): Uint8Array {
  if (bytes.length === 0) return bytes;
  const byte = random.pick([0x00, 0x01, 0x0a, 0x0d, 0x20, 0x7f, 0x80, 0xff, random.below(256)]);
  return bytes.with(near(bytes, random), byte);
}

function insertBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length + 1);
  return join(bytes.subarray(0, at), random.bytes(1 + random.below(8)), bytes.subarray(at));
}

function removeBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length + 1);
  return join(bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(8)));
}

function repeatBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const from = random.below(bytes.length + 1);
  const to = from + 1 + random.below(16);
  return join(bytes.subarray(0, to), bytes.subarray(from));
}

function cutOff(bytes: Uint8Array, random: Random): Uint8Array {
  return bytes.subarray(0, random.below(bytes.length + 1));
}

/** An index, more often among the first bytes, where protocols differ. */
function near(bytes: Uint8Array, random: Random): number {
  return random.below(random.below(2) === 0 ? Math.min(bytes.length, 24) : bytes.length);
}
