import { assertEquals } from "@std/assert";
import { BufferPool, nextPool, pools } from "../../lib/net/buffers.ts";

const { small, medium, large, huge } = pools;

/** The pools that a direction reads with, one read after another. */
function poolsOf(counts: readonly number[]): BufferPool[] {
  let pool: BufferPool = small;
  return counts.map((count) => pool = nextPool(pool, count));
}

Deno.test({
  name: "a stream whose reads come back full reads with more and more",
  permissions: "none",
  fn() {
    assertEquals(poolsOf([small.size, medium.size, large.size, huge.size]), [medium, large, huge, huge]);
  },
});

Deno.test({
  name:
    "a direction waits with the smallest buffer that would have held what came last, and never with the largest",
  permissions: "none",
  fn() {
    for (const pool of [medium, large, huge]) {
      assertEquals(nextPool(pool, 1), small);
      assertEquals(nextPool(pool, small.size), small);
      assertEquals(nextPool(pool, small.size + 1), medium);
    }
    assertEquals(nextPool(huge, medium.size + 1), large);
    assertEquals(nextPool(huge, huge.size - 1), large);
  },
});

Deno.test({
  name: "a pool gives back what it was given, and keeps no more than it shall",
  permissions: "none",
  fn() {
    const pool = new BufferPool(16, 1);
    const [one, other] = [pool.take(), pool.take()];
    pool.give(one);
    pool.give(other);
    assertEquals([pool.take() === one, pool.take() === other], [true, false]);
  },
});

Deno.test({
  name: "no more than 32 directions have the largest buffers at once",
  permissions: "none",
  fn() {
    const lent = Array.from({ length: 32 }, () => huge.take());
    assertEquals([nextPool(large, large.size), nextPool(huge, huge.size)], [large, huge]);
    huge.give(lent.pop()!);
    assertEquals(nextPool(large, large.size), huge);
    for (const buffer of lent) huge.give(buffer);
    assertEquals(huge.lent, 0);
  },
});
