/**
 * What extensions may decide about a connection before a backend is chosen.
 *
 * @module
 */

import type { Awaitable, ClientInfo, Preview, Properties } from "./contracts.ts";

/** The connection goes on. */
export interface NegotiationAccepted {
  /** Tells the outcomes apart. */
  readonly outcome: "accept";
  /** Properties to add: matchers, strategies and logs see them. */
  readonly properties?: Properties;
  /** Who is really calling, where the peer speaks for somebody else. Limits and matchers then apply to that client. */
  readonly client?: ClientInfo;
}

/** The connection is closed. */
export interface NegotiationRejected {
  /** Tells the outcomes apart. */
  readonly outcome: "reject";
  /** Why, in a few words, for the log. */
  readonly reason: string;
}

/** The negotiator is asked again when the client has sent more. */
export interface NegotiationIncomplete {
  /** Tells the outcomes apart. */
  readonly outcome: "incomplete";
}

/** What a negotiator decides. */
export type Negotiation = NegotiationAccepted | NegotiationRejected | NegotiationIncomplete;

/**
 * Looks at every TCP connection before a backend is chosen.
 *
 * @example
 * ```ts
 * import type { ConnectionNegotiator } from "./negotiator.ts";
 *
 * const nightWatch: ConnectionNegotiator = {
 *   name: "night-watch",
 *   negotiate: () =>
 *     new Date().getHours() < 6
 *       ? { outcome: "reject", reason: "closed at night" }
 *       : { outcome: "accept", properties: { watch: "day" } },
 * };
 * ```
 */
export interface ConnectionNegotiator {
  /** How logs call it. */
  readonly name: string;
  /**
   * Decides. `incomplete` makes the connection wait for more bytes, unless `preview.ended` is set: then it counts as
   * acceptance. A throw closes this one connection, and so does an answer that takes longer than the selection timeout,
   * which aborts the signal.
   */
  negotiate(preview: Preview, signal: AbortSignal): Awaitable<Negotiation>;
}
