/**
 * Several observers as one.
 *
 * @module
 */

import { silentObserver } from "../net/observer.ts";
import type { TrafficObserver } from "../routing/contracts.ts";

type Tell = (first: unknown, second: unknown, third: unknown) => void;

/** Tells each of two observers everything. */
export function observeAll(first: TrafficObserver, second: TrafficObserver): TrafficObserver {
  const names = Object.keys(silentObserver) as (keyof TrafficObserver)[];
  const both = names.map((name) => [name, (one: unknown, two: unknown, three: unknown) => {
    (first[name] as Tell | undefined)?.(one, two, three);
    (second[name] as Tell | undefined)?.(one, two, three);
  }]);
  return Object.fromEntries(both) as unknown as TrafficObserver;
}
