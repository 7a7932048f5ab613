/**
 * What a guest reads in the heads of its host's frames.
 *
 * @module
 */

import type { ClientInfo, Endpoint, Properties } from "../routing/contracts.ts";
import { isText, readNames, readRecord, readText, readWhole, type WireRecord } from "./wire_values.ts";

/** Who is calling. */
export function readClient(record: WireRecord): ClientInfo {
  const client = readRecord(record.client);
  return { local: readEndpoint(client.local), remote: readEndpoint(client.remote) };
}

/** What is known of a connection or session. */
export function readProperties(record: WireRecord): Properties {
  return readNames(record, "properties", isText);
}

function readEndpoint(value: unknown): Endpoint {
  const record = readRecord(value);
  return { address: readText(record, "address") ?? "", port: readWhole(record, "port", 65_535) };
}
