/**
 * Why a client reaches no backend.
 *
 * @module
 */

import { messageOf } from "../routing/message_of.ts";
import type { RefusalReason } from "../routing/traffic.ts";

/** Ended before it reached a backend. */
export class Refusal {
  /** Takes what metrics call it, and what the log says. */
  constructor(readonly reason: RefusalReason, readonly detail: string) {}
}

/** What reading from a client, or writing to it, fails with is that it has gone. */
export function clientGone(error: unknown): Refusal {
  return new Refusal("client_gone", `before a backend was chosen: ${messageOf(error)}`);
}
