/**
 * What happens on a connection before a backend is chosen: each negotiator may read ahead, name the real
 * client, add properties, or reject.
 *
 * @module
 */

import type { ClientInfo, Properties } from "../routing/client.ts";
import type { Inspection } from "../routing/inspection.ts";
import type { LiveConnection } from "./live_connection.ts";
import type { PreviewReader } from "./preview_reader.ts";

/** What a negotiator works on. */
export interface NegotiationContext {
  readonly connection: LiveConnection;
  /** The first bytes so far. */
  readonly inspection: Inspection;
  /** Reads more of them. */
  readonly reader: PreviewReader;
}

/** What a negotiator decided. */
export interface NegotiationOutcome {
  /** Why the connection must be closed; undefined to go on. */
  readonly reject?: string;
  /** The real client, where a proxy stands between. */
  readonly client?: ClientInfo;
  /** Properties to add. */
  readonly properties?: Properties;
}

/** One step before routing. */
export interface Negotiator {
  /** For logs. */
  readonly name: string;
  /** Looks at the connection. A throw closes it. */
  negotiate(context: NegotiationContext): Promise<NegotiationOutcome>;
}
