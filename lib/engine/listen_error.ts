/**
 * Why listening failed, in the words of whoever has to mend it.
 *
 * @module
 */

import { messageOf } from "../routing/message_of.ts";

/** Makes an error for the user of what listening threw; `where` is a transport and an address with its port. */
export function listenError(where: string, cause: unknown): Error {
  return new Error(`Cannot listen on ${where}: ${explain(cause)}`, { cause });
}

function explain(error: unknown): string {
  if (error instanceof Deno.errors.AddrInUse) return "the port is taken by another program";
  if (error instanceof Deno.errors.AddrNotAvailable) return "this host has no such address";
  if (error instanceof Deno.errors.PermissionDenied) {
    return "the system does not permit it (ports below 1024 need rights)";
  }
  if (error instanceof Deno.errors.NotCapable) return `Deno was not given the permission: ${error.message}`;
  return messageOf(error);
}
