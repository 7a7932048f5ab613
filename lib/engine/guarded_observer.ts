/**
 * An observer that somebody else wrote: what goes wrong in it costs no connection.
 *
 * @module
 */

import { silentObserver } from "../net/observer.ts";
import { LogLimiter } from "../routing/log_limiter.ts";
import type { Logger } from "../routing/logger.ts";
import { messageOf } from "../routing/message_of.ts";
import type { TrafficObserver } from "../routing/traffic.ts";

type Tell = (first: unknown, second: unknown, third: unknown) => unknown;

/** The least time between two lines about the same method. */
const REPEAT_MS = 5000;

/** Tells an observer what it wants to know, and logs what it throws or rejects with. */
export function guardObserver(observer: Partial<TrafficObserver>, logger: Logger): TrafficObserver {
  const limiter = new LogLimiter();
  const guard = (name: keyof TrafficObserver): Tell => {
    const tell = (observer[name] as Tell | undefined)?.bind(observer);
    if (tell === undefined) return () => {};
    const failed = (error: unknown) => {
      const suppressed = limiter.limited(name, REPEAT_MS);
      if (suppressed === undefined) return;
      logger.error("the observer failed", { method: name, reason: messageOf(error), suppressed });
    };
    return (first, second, third) => {
      try {
        const answer = tell(first, second, third);
        if (answer instanceof Promise) answer.catch(failed);
      } catch (error) {
        failed(error);
      }
    };
  };
  const names = Object.keys(silentObserver) as (keyof TrafficObserver)[];
  const { measured, ...others } = Object.fromEntries(names.map((name) => [name, guard(name)]));
  // What nobody wants to know is not even measured.
  const wanted = observer.measured === undefined ? others : { ...others, measured };
  return wanted as unknown as TrafficObserver;
}
