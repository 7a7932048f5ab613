/**
 * A Redis server that keeps nothing.
 *
 * @module
 */

import { runProgram } from "../../support/program.ts";
import { type Service, startService } from "./service.ts";

/** Starts redis-server. */
export function startRedis(port: number): Promise<Service> {
  return startService("redis-server", ({ path }) => ({
    port,
    args: ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", path],
  }));
}

/** Sends PING to the server behind a port with redis-cli, and gives the answer. */
export async function pingRedis(port: number): Promise<string> {
  return (await runProgram("redis-cli", { args: ["-p", String(port), "PING"] })).trim();
}
