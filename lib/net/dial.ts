/**
 * Opens connections towards backends.
 *
 * @module
 */

import type { Dial } from "../routing/contracts.ts";
import { deadline } from "./deadlines.ts";

/** A dial that was not answered in time. */
export class DialTimeout extends Error {
  override readonly name = "DialTimeout";
}

/** An IP address, told from a name. */
const ADDRESS = /^[\d.]+$|:/;

/** How a dial is limited. */
export interface DialOptions {
  /** Milliseconds until it is given up. */
  readonly timeout: number;
  /** Gives it up earlier. */
  readonly signal?: AbortSignal;
}

/**
 * Connects to where a backend wants its client. A host name is resolved anew each time, and its addresses
 * are tried side by side (RFC 8305).
 *
 * @throws {DialTimeout} after `timeout` milliseconds; otherwise what the operating system says.
 */
export async function dial(target: Dial, { timeout, signal }: DialOptions): Promise<Deno.Conn> {
  signal?.throwIfAborted();
  if (target.transport === "unix") {
    return await Deno.connect({ transport: "unix", path: target.path! });
  }
  const { hostname = "127.0.0.1", port = 0 } = target;
  const controller = new AbortController();
  const giveUp = () => controller.abort();
  const limit = deadline(timeout, giveUp);
  signal?.addEventListener("abort", giveUp, { once: true });
  try {
    // Trying several addresses side by side takes a name that has several.
    const autoSelectFamily = !ADDRESS.test(hostname);
    const conn = await Deno.connect({ hostname, port, autoSelectFamily, signal: controller.signal });
    conn.setNoDelay(true);
    return conn;
  } catch (error) {
    signal?.throwIfAborted();
    if (controller.signal.aborted) throw new DialTimeout(`no answer within ${timeout} ms`);
    throw error;
  } finally {
    limit.cancel();
    signal?.removeEventListener("abort", giveUp);
  }
}

/** A dial's target as text, for logs. */
export function describeDial(target: Dial): string {
  if (target.transport === "unix") return `unix:${target.path}`;
  const host = target.hostname?.includes(":") ? `[${target.hostname}]` : target.hostname;
  return `${host}:${target.port}`;
}
