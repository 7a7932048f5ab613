/**
 * How long a client waits, compared within one run: no two machines, and no two minutes, are alike.
 *
 * @module
 */

import { readExactly, writeAll } from "../support/conversation.ts";

const PROBE = new TextEncoder().encode("probe");
const EXCHANGES = 100;
/** Between two exchanges, so that a disturbance has time to show. */
const PAUSE_MS = 5;

/**
 * The median of the milliseconds that a client of 127.0.0.1 needs to connect, send a few bytes and have them
 * echoed.
 */
export async function medianLatency(port: number): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < EXCHANGES; i++) {
    const began = performance.now();
    using connection = await Deno.connect({ hostname: "127.0.0.1", port });
    await writeAll(connection, PROBE);
    await readExactly(connection, PROBE.length);
    times.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return times.toSorted((a, b) => a - b)[EXCHANGES / 2]!;
}

/**
 * Measures before, during and after a disturbance, and gives the latency during it as a multiple of the larger
 * of the other two.
 */
export async function slowdown<T extends AsyncDisposable>(
  port: number,
  disturb: () => Promise<T>,
): Promise<number> {
  // The first exchanges of a program are slow: it is still being compiled.
  await medianLatency(port);
  const before = await medianLatency(port);
  let during: number;
  {
    await using _disturbance = await disturb();
    during = await medianLatency(port);
  }
  const after = await medianLatency(port);
  return during / Math.max(before, after);
}
