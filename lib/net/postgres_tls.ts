/**
 * Routes PostgreSQL by server name: the client asks for TLS in the clear and names the server only after it
 * has been told to go on. We tell it, and later have the chosen backend say the same.
 *
 * @see PostgreSQL documentation, "Message Flow", section "SSL Session Encryption"
 * @module
 */

import { SSL_ACCEPTED, SSL_REQUEST } from "../protocol/postgres.ts";
import type { Connection } from "../routing/client.ts";
import { messageOf } from "../routing/message_of.ts";
import { type DialOptions, introduce } from "./dial.ts";
import { ProvokedFailure } from "./own_fault.ts";
import type { PreviewReader } from "./preview_reader.ts";
import { clientGone } from "./refusal.ts";

/** The exchange that goes before TLS, on both sides of one connection. */
export class PostgresTls {
  readonly #client: Connection;
  readonly #reader: PreviewReader;
  #accepted = false;

  /** An exchange that has not begun. */
  constructor(client: Connection, reader: PreviewReader) {
    this.#client = client;
    this.#reader = reader;
  }

  /**
   * Grants the client's request, once.
   *
   * @throws {Refusal} when the client is gone.
   */
  async accept(): Promise<void> {
    if (this.#accepted) return;
    this.#accepted = true;
    try {
      await this.#client.write(Uint8Array.of(SSL_ACCEPTED));
    } catch (error) {
      throw clientGone(error);
    }
  }

  /**
   * Makes the request to a backend in the client's name, if it was granted, and takes it out of what the
   * client has sent.
   *
   * @throws {ProvokedFailure} if the backend does not grant it, which may not even be a PostgreSQL server; its
   * connection is then closed.
   */
  async replay(backend: Connection, options: Required<DialOptions>): Promise<void> {
    if (!this.#accepted) return;
    const ask = async () => {
      const answer = new Uint8Array(1);
      await backend.write(SSL_REQUEST);
      const count = await backend.read(answer);
      if (count !== 1 || answer[0] !== SSL_ACCEPTED) throw new Error("it does not offer TLS");
    };
    await introduce(backend, ask, options).catch((cause) => {
      throw new ProvokedFailure(`the request for TLS of a PostgreSQL client failed: ${messageOf(cause)}`, {
        cause,
      });
    });
    this.#reader.consume(SSL_REQUEST.length);
  }
}
