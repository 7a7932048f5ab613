/**
 * Several observers as one.
 *
 * @module
 */

import { silentObserver } from "../net/observer.ts";
import type { TrafficObserver } from "../routing/contracts.ts";

/** Tells each of two observers everything. */
export function observeAll(first: TrafficObserver, second: TrafficObserver): TrafficObserver {
  const names = Object.keys(silentObserver) as (keyof TrafficObserver)[];
  const both = names.map((name) => [name, (...details: unknown[]) => {
    (first[name] as (...details: unknown[]) => void)(...details);
    (second[name] as (...details: unknown[]) => void)(...details);
  }]);
  return Object.fromEntries(both) as unknown as TrafficObserver;
}
