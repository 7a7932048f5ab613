/**
 * Several observers as one.
 *
 * @module
 */

import { silentObserver } from "../net/observer.ts";
import type { TrafficObserver } from "../routing/contracts.ts";

type Tell = (...details: unknown[]) => void;

/** Tells each of two observers everything. */
export function observeAll(first: TrafficObserver, second: TrafficObserver): TrafficObserver {
  const names = Object.keys(silentObserver) as (keyof TrafficObserver)[];
  const both = names.map((name) => [name, (...details: unknown[]) => {
    (first[name] as Tell | undefined)?.(...details);
    (second[name] as Tell | undefined)?.(...details);
  }]);
  return Object.fromEntries(both) as unknown as TrafficObserver;
}
