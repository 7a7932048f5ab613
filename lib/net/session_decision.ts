/**
 * The choice of a session's backend when its first datagram does not settle it: a verdict takes time, or a
 * QUIC client spreads its ClientHello over several datagrams.
 *
 * @module
 */

import type { Awaitable } from "../routing/client.ts";
import type { Inspection } from "../routing/inspection.ts";
import type { Decision, Route } from "../routing/route.ts";
import { deadline } from "./deadlines.ts";
import type { Session } from "./session.ts";

/** A decision that is under way. */
export interface OpenDecision {
  readonly route: Route;
  readonly inspection: Inspection;
  /** Aborted when the route shall wait no longer. */
  readonly selection: AbortController;
  /** What the route has answered so far. */
  readonly first: Awaitable<Decision>;
  /** Milliseconds that it may take. */
  readonly timeout: number;
}

/** Reads the datagrams that the session holds until the route is decided, the time is up, or the session ends. */
export async function decide(
  session: Session,
  { route, inspection, selection, first, timeout }: OpenDecision,
): Promise<Decision> {
  const giveUp = () => {
    inspection.ended = true;
    selection.abort();
    session.wake();
  };
  const limit = deadline(timeout, giveUp);
  session.controller.signal.addEventListener("abort", giveUp, { once: true });
  try {
    let decision = await first;
    for (let read = 0; decision === "incomplete"; decision = await route.next()) {
      if (!inspection.awaitsQuic || inspection.ended) inspection.ended = true;
      else if (read < session.held.length) await inspection.readQuic(session.held[read++]!);
      else await session.moreHeld();
    }
    return decision;
  } finally {
    limit.cancel();
    session.controller.signal.removeEventListener("abort", giveUp);
  }
}
