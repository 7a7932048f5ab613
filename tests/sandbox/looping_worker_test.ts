import { assertMatch } from "@std/assert";
import { runProgram } from "../support/program.ts";

const PROGRAM = new URL("looping_worker.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

Deno.test("a Worker that loops is given up, and everything else goes on", async () => {
  const output = await runProgram("deno", { args: ["run", "-A", `--config=${CONFIG}`, PROGRAM] });
  assertMatch(output, /^answer null$/m);
  assertMatch(output, /^warn guest ended .*no sign of life for 500 ms/m);
  assertMatch(output, /^error guest cannot be ended/m);
  assertMatch(output, /^transferred true$/m);
  assertMatch(output, /^stopped$/m);
});
