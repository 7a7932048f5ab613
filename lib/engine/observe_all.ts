/**
 * Several observers as one.
 *
 * @module
 */

import { silentObserver } from "../net/observer.ts";
import type { TrafficObserver } from "../routing/traffic.ts";

type Tell = (first: unknown, second: unknown, third: unknown) => void;

/** Tells each of two observers everything. */
export function observeAll(first: TrafficObserver, second: TrafficObserver): TrafficObserver {
  const names = Object.keys(silentObserver) as (keyof TrafficObserver)[];
  const both = names.map((name) => {
    const tellFirst = (first[name] as Tell | undefined)?.bind(first);
    const tellSecond = (second[name] as Tell | undefined)?.bind(second);
    return [name, (one: unknown, two: unknown, three: unknown) => {
      tellFirst?.(one, two, three);
      tellSecond?.(one, two, three);
    }];
  });
  return Object.fromEntries(both) as unknown as TrafficObserver;
}
