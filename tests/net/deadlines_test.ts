import { assert, assertEquals } from "@std/assert";
import { deadline, restDeadlines } from "../../lib/net/deadlines.ts";

Deno.test("deadlines pass, and not before they are due", async () => {
  const passed: number[] = [];
  const began = performance.now();
  await Promise.all(
    [90, 10, 50].map((milliseconds) =>
      new Promise<void>((resolve) =>
        deadline(milliseconds, () => {
          passed.push(milliseconds);
          assert(performance.now() - began >= milliseconds);
          resolve();
        })
      )
    ),
  );
  assertEquals(passed.toSorted((a, b) => a - b), [10, 50, 90]);
  restDeadlines();
});

Deno.test("a deadline that was taken back never passes, and leaves no timer behind", async () => {
  const passed: string[] = [];
  const taken = deadline(1, () => passed.push("taken back"));
  taken.cancel();
  await new Promise<void>((resolve) => deadline(60, resolve));
  taken.cancel();
  deadline(60_000, () => {}).cancel();
  restDeadlines();
  assertEquals(passed, []);
});

Deno.test("the clock goes on for others when one user of it rests", async () => {
  const passed = new Promise<void>((resolve) => deadline(30, resolve));
  restDeadlines();
  await passed;
  restDeadlines();
});
