/**
 * `noop`: takes what nobody else wants, closes connections at once and drops datagrams.
 *
 *     nobody:noop:
 *
 * @module
 */

import type { BackendSpec } from "../config/types.ts";
import type { Verdict } from "../protocol/detector.ts";
import type { BackendInfo, ConnectionBackend, MessageBackend } from "../routing/backend.ts";
import type { BackendModule } from "../routing/backend_module.ts";
import { priorityTier } from "./parameters.ts";

/**
 * Ends every connection and drops every datagram it is given.
 *
 * @example
 * ```ts
 * import { NoopBackend, parseBackendSpec } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * await using backend = new NoopBackend(parseBackendSpec("nobody:noop:"));
 * assertEquals([backend.info.priorityTier, backend.connect()], ["fallback", null]);
 * ```
 */
export class NoopBackend implements ConnectionBackend, MessageBackend {
  /** What it is. */
  readonly info: BackendInfo;

  /** Reads the spec; throws an error for the user when it is wrong. */
  constructor(spec: BackendSpec) {
    this.info = { spec, properties: {}, priorityTier: priorityTier(spec, "fallback") };
  }

  /** Needs nothing. */
  initialize(): void {}

  /** Wants every connection that its matchers let through. */
  canHandleConnection(): Verdict {
    return "match";
  }

  /** Closes the connection. */
  connect(): null {
    return null;
  }

  /** Wants every session that its matchers let through. */
  canHandleMessage(): Verdict {
    return "match";
  }

  /** Drops the datagram. */
  handleMessage(): void {}

  /** Holds nothing. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** The backend module. */
const module: BackendModule = {
  protocol: "noop",
  parameters: [],
  createBackend: (spec) => new NoopBackend(spec),
};
export default module;
