/**
 * A client until a backend has it: its first bytes, what was found in them, and how it may be turned away.
 *
 * @module
 */

import type { Connection } from "../routing/client.ts";
import { Inspection } from "../routing/inspection.ts";
import type { Attempt } from "./dial.ts";
import type { LiveConnection } from "./live_connection.ts";
import type { NegotiationContext } from "./negotiation.ts";
import { PostgresTls } from "./postgres_tls.ts";
import { type PreviewLimits, PreviewReader } from "./preview_reader.ts";
import type { Head } from "./relay.ts";

/** A client that is to be routed. Nothing of it is held while bytes flow. */
export class Arrival implements NegotiationContext {
  /** The connection as others see it. */
  readonly connection: LiveConnection;
  /** The client's end. */
  readonly stream: Connection;
  /** The first bytes so far. */
  readonly inspection: Inspection;
  /** Aborted when the time for the selection is up. */
  readonly selection: AbortController = new AbortController();
  readonly #limits: PreviewLimits;
  #reader: PreviewReader | undefined;
  #postgres: PostgresTls | undefined;

  /** A client of whom nothing was read yet. */
  constructor(connection: LiveConnection, stream: Connection, limits: PreviewLimits) {
    this.connection = connection;
    this.stream = stream;
    this.inspection = new Inspection("tcp", connection.client, () => connection.properties);
    this.#limits = limits;
  }

  /** Reads the first bytes, for whoever needs some. */
  get reader(): PreviewReader {
    return this.#reader ??= new PreviewReader(this.stream, this.inspection, this.#limits);
  }

  /** What the backend has to be sent first. */
  get head(): Head | undefined {
    return this.#reader?.head();
  }

  /**
   * Waits for more of the first bytes.
   *
   * @throws {Refusal} when the client is gone.
   */
  async more(): Promise<void> {
    if (this.inspection.awaitsPostgresTls) {
      this.#postgres ??= new PostgresTls(this.stream, this.reader);
      await this.#postgres.accept();
    }
    await this.reader.more();
  }

  /** The connection to a backend, once the backend has heard what was agreed with the client. */
  introduced(reached: Promise<Connection | null>, attempt: Attempt): Promise<Connection | null> {
    const postgres = this.#postgres;
    if (postgres === undefined) return reached;
    return reached.then(async (backend) => {
      if (backend !== null) await postgres.replay(backend, attempt);
      return backend;
    });
  }
}
