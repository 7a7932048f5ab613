/**
 * Addresses of peers, in a form that is fast to read.
 *
 * @module
 */

/**
 * A copy of an address that Deno gave. Deno's own has a shape that no other object has, so that every access by a
 * constant name takes the slow path of the engine, each time anew; `Reflect.get` looks it up in a table.
 *
 * @example
 * ```ts
 * import { plainAddress } from "./plain_address.ts";
 * import { assertEquals } from "@std/assert";
 *
 * using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
 * assertEquals(plainAddress(listener.addr).hostname, "127.0.0.1");
 * ```
 */
export function plainAddress(address: Deno.Addr): Deno.NetAddr {
  return {
    transport: Reflect.get(address, "transport") as "tcp" | "udp",
    hostname: Reflect.get(address, "hostname"),
    port: Reflect.get(address, "port"),
  };
}
