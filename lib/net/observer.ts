/**
 * The observer of somebody who observes nothing.
 *
 * @module
 */

import type { TrafficObserver } from "../routing/traffic.ts";

/** Observes nothing. */
export const silentObserver: TrafficObserver = {
  accepted() {},
  routed() {},
  dialFailed() {},
  refused() {},
  closed() {},
  messagesDropped() {},
  sessionEvicted() {},
  acceptFailed() {},
  measured() {},
};
