/**
 * Inspections of clients that never called.
 *
 * @module
 */

import type { NetworkProtocol } from "../../lib/config/types.ts";
import type { Properties } from "../../lib/routing/client.ts";
import { Inspection } from "../../lib/routing/inspection.ts";
import { bytesOf } from "../support/verdicts.ts";

/** What is special about the client; the rest is an IPv4 client of 192.0.2.7 that calls 192.0.2.1:443. */
export interface InspectionParts {
  readonly networkProtocol?: NetworkProtocol;
  readonly local?: string;
  readonly localPort?: number;
  readonly remote?: string;
  readonly remotePort?: number;
  readonly properties?: Properties;
  /** The bytes so far, one a character if it is a text. */
  readonly bytes?: string | Uint8Array;
  readonly ended?: boolean;
}

/** What backends see of such a client. */
export function inspectionOf(parts: InspectionParts = {}): Inspection {
  const { local = "192.0.2.1", localPort = 443, remote = "192.0.2.7", remotePort = 50_000 } = parts;
  const client = {
    local: { address: local, port: localPort },
    remote: { address: remote, port: remotePort },
  };
  const inspection = new Inspection(parts.networkProtocol ?? "tcp", client, () => parts.properties ?? {});
  if (parts.bytes !== undefined) {
    inspection.bytes = typeof parts.bytes === "string" ? bytesOf(parts.bytes) : parts.bytes;
  }
  if (parts.ended) inspection.ended = true;
  return inspection;
}
