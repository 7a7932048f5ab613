/**
 * Where the parts of a configuration were written, for faults that only show when it is put to use.
 *
 * @module
 */

import type { ConfigError } from "./errors.ts";
import type { Expander } from "./expander.ts";

/** What {@linkcode ConfigError.subject} says of a fault in a backend. */
export function backendSubject(name: string): string {
  return `backend ${name}`;
}

/** The same for the extension of a URL or path. */
export function extensionSubject(specifier: string): string {
  return `extension ${specifier}`;
}

/** The same in the choice of a routing strategy. */
export const STRATEGY_SUBJECT = "routing strategy";

/** The same for the health check at a position in the configuration. */
export function healthCheckSubject(position: number): string {
  return `health check ${position}`;
}

/** The origins of the parts of one configuration. */
export class Origins {
  readonly #expanders = new Map<string, Expander>();

  /** Says which expander read a part. */
  add(subject: string, expander: Expander): void {
    if (!this.#expanders.has(subject)) this.#expanders.set(subject, expander);
  }

  /** The error with the place that it is about, in terms of what is written there. */
  locate(error: ConfigError): ConfigError {
    if (error.source !== undefined || error.subject === undefined) return error;
    return this.#expanders.get(error.subject)?.fault(error.message, error) ?? error;
  }
}
