/**
 * What the tests of changes at run time share.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Multiplexer } from "../../lib/engine/multiplexer.ts";
import { readExactly, writeAll } from "../support/conversation.ts";
import { bytesOf } from "../support/verdicts.ts";

/** What clients say. */
export const HELLO = bytesOf("hello");
/** Milliseconds that no test waits. */
export const LONG = 60_000;

/** A client that has reached a backend which greets with this. */
export async function greeted(port: number, greeting: string): Promise<Deno.TcpConn> {
  const client = await Deno.connect({ hostname: "127.0.0.1", port });
  assertEquals(await readExactly(client, greeting.length), bytesOf(greeting));
  return client;
}

/** Echoes over a connection that is open. */
export async function assertAlive(client: Deno.TcpConn): Promise<void> {
  await writeAll(client, HELLO);
  assertEquals(await readExactly(client, HELLO.length), HELLO);
}

/** What happens, in order. */
export function record({ events }: Multiplexer): string[] {
  const happened: string[] = [];
  events.on("backendAdded", ({ name }) => happened.push(`+${name}`));
  events.on("backendRemoved", ({ name }) => happened.push(`-${name}`));
  events.on("listenerAdded", ({ networkProtocol }) => happened.push(`+${networkProtocol}`));
  events.on("listenerRemoved", ({ networkProtocol }) => happened.push(`-${networkProtocol}`));
  events.on("healthCheckAdded", () => happened.push("+check"));
  events.on("healthCheckRemoved", () => happened.push("-check"));
  return happened;
}

/** The names of the backends that have a TCP half, in routing order. */
export function names({ backends }: Multiplexer): string[] {
  return backends.filter(({ networkProtocol }) => networkProtocol === "tcp").map(({ spec }) => spec.name);
}
