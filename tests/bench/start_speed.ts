/**
 * Measures how much later pmmux accepts connections when a supervisor starts it, and when it has a guest.
 *
 *     deno task bench:start [rounds]
 *
 * @module
 */

import { freePort } from "../support/ports.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const PASS = "it:pass:target.ip=127.0.0.1,target.port=9";
const GUEST = `it:${ROOT}docs/examples/echo.ts`;

/** Command lines by what they are called in the result. */
const CASES: Readonly<Record<string, readonly string[]>> = {
  "in one process": ["-b", PASS, "--no-supervisor"],
  "supervised": ["-b", PASS],
  "with a guest, in one process": ["-b", GUEST, "--no-supervisor"],
  "with a guest, supervised": ["-b", GUEST],
};

const rounds = Number(Deno.args[0] ?? 10);
const times: Record<string, number[]> = {};
// The first round only fills caches.
for (let round = 0; round <= rounds; round++) {
  for (const [name, args] of Object.entries(CASES)) (times[name] ??= [])[round] = await startTime(args);
}
const [first] = Object.values(times).map(median);
for (const [name, values] of Object.entries(times)) {
  const time = median(values);
  console.log(
    name.padEnd(30),
    `${time.toFixed(0)} ms`.padStart(8),
    `+${(time - first!).toFixed(0)}`.padStart(6),
  );
}

/** Milliseconds from the start of a pmmux until it accepts a connection. */
async function startTime(args: readonly string[]): Promise<number> {
  const port = freePort("tcp");
  const began = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `${ROOT}main.ts`, ...args, "-p", `!:${port}:tcp:bind-address=127.0.0.1`],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  while (!await accepts(port)) await new Promise((resolve) => setTimeout(resolve, 1));
  const time = performance.now() - began;
  child.kill();
  await child.status;
  return time;
}

async function accepts(port: number): Promise<boolean> {
  try {
    using _conn = await Deno.connect({ hostname: "127.0.0.1", port });
    return true;
  } catch {
    return false;
  }
}

function median(values: readonly number[]): number {
  return values.slice(1).toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)]!;
}
