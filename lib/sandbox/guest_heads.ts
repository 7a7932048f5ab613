/**
 * What a guest reads of the clients that its host tells of.
 *
 * @module
 */

import type { ClientConnection, ClientInfo, Endpoint, Preview, Properties } from "../routing/client.ts";
import { isText, readNames, readRecord, readText, readWhole, type WireRecord } from "./wire_values.ts";

const decoder = new TextDecoder();

/** Who is calling. */
export function readClient(record: WireRecord): ClientInfo {
  const client = readRecord(record.client);
  return { local: readEndpoint(client.local), remote: readEndpoint(client.remote) };
}

/** What is known of a connection or session. */
export function readProperties(record: WireRecord): Properties {
  return readNames(record, "properties", isText);
}

/** A connection as the host tells of it. Many modules do not ask for all of that, so it is read late. */
export class ClientOnWire implements ClientConnection {
  readonly #about: Uint8Array;
  #record: WireRecord | undefined;
  #client: ClientInfo | undefined;
  #properties: Properties | undefined;

  /** The connection that these bytes tell of: JSON. */
  constructor(about: Uint8Array) {
    this.#about = about;
  }

  /** Who is calling. */
  get client(): ClientInfo {
    return this.#client ??= readClient(this.#read());
  }

  /** What is known of it. */
  get properties(): Properties {
    return this.#properties ??= readProperties(this.#read());
  }

  #read(): WireRecord {
    return this.#record ??= readRecord(JSON.parse(decoder.decode(this.#about)));
  }
}

/** A connection that is looked at. */
export class PreviewOnWire extends ClientOnWire implements Preview {
  /** The first bytes, as many as have arrived. */
  readonly bytes: Uint8Array;
  /** True when no more bytes will come. */
  readonly ended: boolean;

  /** The connection that bytes tell of, and how it begins. */
  constructor(about: Uint8Array, { bytes, ended }: Pick<Preview, "bytes" | "ended">) {
    super(about);
    this.bytes = bytes;
    this.ended = ended;
  }
}

function readEndpoint(value: unknown): Endpoint {
  const record = readRecord(value);
  return { address: readText(record, "address") ?? "", port: readWhole(record, "port", 65_535) };
}
