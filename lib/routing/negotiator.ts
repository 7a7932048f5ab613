/**
 * What extensions may decide about a connection before a backend is chosen.
 *
 * @module
 */

import type { Awaitable, ClientInfo, Preview, Properties } from "./client.ts";

/**
 * The connection goes on.
 *
 * @example
 * ```ts
 * import type { NegotiationAccepted } from "@pmmux/cli/mod";
 *
 * const known: NegotiationAccepted = { outcome: "accept", properties: { country: "CH" } };
 * ```
 */
export interface NegotiationAccepted {
  /** Tells the outcomes apart. */
  readonly outcome: "accept";
  /** Properties to add: matchers, strategies and logs see them. */
  readonly properties?: Properties;
  /** Who is really calling, where the peer speaks for somebody else. Limits and matchers then apply to that client. */
  readonly client?: ClientInfo;
}

/**
 * The connection is closed.
 *
 * @example
 * ```ts
 * import type { NegotiationRejected } from "@pmmux/cli/mod";
 *
 * const blocked: NegotiationRejected = { outcome: "reject", reason: "the client is blocked" };
 * ```
 */
export interface NegotiationRejected {
  /** Tells the outcomes apart. */
  readonly outcome: "reject";
  /** Why, in a few words, for the log. */
  readonly reason: string;
}

/**
 * The negotiator is asked again when the client has sent more.
 *
 * @example
 * ```ts
 * import type { ConnectionNegotiator, NegotiationIncomplete } from "@pmmux/cli/mod";
 *
 * const more: NegotiationIncomplete = { outcome: "incomplete" };
 * const oneByte: ConnectionNegotiator = {
 *   name: "one-byte",
 *   negotiate: ({ bytes }) => bytes.length === 0 ? more : { outcome: "accept" },
 * };
 * ```
 */
export interface NegotiationIncomplete {
  /** Tells the outcomes apart. */
  readonly outcome: "incomplete";
}

/**
 * What a negotiator decides.
 *
 * @example
 * ```ts
 * import type { Negotiation } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const judge = (address: string): Negotiation =>
 *   address === "192.0.2.66" ? { outcome: "reject", reason: "the client is blocked" } : { outcome: "accept" };
 * assertEquals(judge("192.0.2.66").outcome, "reject");
 * ```
 */
export type Negotiation = NegotiationAccepted | NegotiationRejected | NegotiationIncomplete;

/**
 * Looks at every TCP connection before a backend is chosen.
 *
 * @example
 * ```ts
 * import type { ConnectionNegotiator } from "@pmmux/cli/mod";
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
