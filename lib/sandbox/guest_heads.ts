/**
 * What a guest reads in the heads of its host's frames.
 *
 * @module
 */

import type { ClientConnection, ClientInfo, Endpoint, Preview, Properties } from "../routing/contracts.ts";
import {
  isText,
  readFlag,
  readNames,
  readRecord,
  readText,
  readWhole,
  type WireRecord,
} from "./wire_values.ts";

/** Who is calling. */
export function readClient(record: WireRecord): ClientInfo {
  const client = readRecord(record.client);
  return { local: readEndpoint(client.local), remote: readEndpoint(client.remote) };
}

/** What is known of a connection or session. */
export function readProperties(record: WireRecord): Properties {
  return readNames(record, "properties", isText);
}

/** A connection as the host tells of it. Many modules never ask for its properties. */
export class ClientOnWire implements ClientConnection {
  /** Who is calling. */
  readonly client: ClientInfo;
  readonly #record: WireRecord;
  #properties: Properties | undefined;

  /** The connection of a head. */
  constructor(record: WireRecord) {
    this.client = readClient(record);
    this.#record = record;
  }

  /** What is known of it. */
  get properties(): Properties {
    return this.#properties ??= readProperties(this.#record);
  }
}

/** A connection that is looked at. */
export class PreviewOnWire extends ClientOnWire implements Preview {
  /** The first bytes, as many as have arrived. */
  readonly bytes: Uint8Array;
  /** True when no more bytes will come. */
  readonly ended: boolean;

  /** The connection of a head, which begins with these bytes. */
  constructor(record: WireRecord, bytes: Uint8Array) {
    super(record);
    this.bytes = bytes;
    this.ended = readFlag(record, "ended");
  }
}

function readEndpoint(value: unknown): Endpoint {
  const record = readRecord(value);
  return { address: readText(record, "address") ?? "", port: readWhole(record, "port", 65_535) };
}
