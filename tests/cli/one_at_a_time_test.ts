import { assertEquals } from "@std/assert";
import { oneAtATime } from "../../lib/cli/one_at_a_time.ts";

Deno.test({
  name: "calls during a run ask for one more run, and not for more than that",
  permissions: "none",
  async fn(): Promise<void> {
    const ends: (() => void)[] = [];
    const act = oneAtATime(() => new Promise((resolve) => ends.push(resolve)));
    const done = act();
    for (let call = 0; call < 5; call++) act();
    assertEquals(ends.length, 1);
    ends[0]!();
    await new Promise((resolve) => setTimeout(resolve));
    assertEquals(ends.length, 2);
    ends[1]!();
    await done;
    assertEquals(ends.length, 2);
  },
});

Deno.test({
  name: "each call after a run makes another",
  permissions: "none",
  async fn(): Promise<void> {
    let runs = 0;
    const act = oneAtATime(() => Promise.resolve(void runs++));
    await act();
    await act();
    assertEquals(runs, 2);
  },
});
