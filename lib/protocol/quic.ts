/**
 * QUIC over UDP: the detector, and the reader that finds the ClientHello in a client's Initial packets.
 *
 * @see RFC 9000 section 17.2.2, RFC 9001, RFC 9369
 * @module
 */

import {
  NO_CLIENT_HELLO,
  parseClientHello,
  type ParsedClientHello,
  PARTIAL_CLIENT_HELLO,
} from "./client_hello.ts";
import { CryptoStream } from "./crypto_stream.ts";
import type { Detector, Facts, Verdict } from "./detector.ts";
import { deriveInitialKeys, type InitialKeys, openInitialPacket } from "./quic_crypto.ts";
import {
  type LongHeaderPacket,
  MIN_INITIAL_DATAGRAM,
  quicVersionAt,
  readCoalescedPackets,
  readCryptoFrames,
  readLongHeader,
} from "./quic_packet.ts";

/** A first flight is limited by the client's initial congestion window, about ten datagrams. */
const MAX_DATAGRAMS = 16;
const MAX_HANDSHAKE = 16_384;
const MAX_PACKETS = 8;

/** Recognises a datagram that starts with a client's Initial packet of version 1 or 2. */
export const quicDetector: Detector = {
  name: "quic",
  transport: "udp",
  budget: MIN_INITIAL_DATAGRAM,
  detect(datagram: Uint8Array): Verdict {
    if (datagram.length < MIN_INITIAL_DATAGRAM || quicVersionAt(datagram, 0) === undefined) return "mismatch";
    return readLongHeader(datagram, 0)?.initial === true ? "match" : "mismatch";
  },
  facts(datagram: Uint8Array): Facts {
    const version = quicVersionAt(datagram, 0);
    return version === undefined ? {} : { "quic.version": String(version) };
  },
};

/** The client that the packets of one {@linkcode QuicInitialReader} come from. */
interface Client {
  readonly destinationConnectionId: Uint8Array;
  readonly version: number;
  readonly keys: Promise<InitialKeys>;
}

/**
 * Reads the ClientHello of one QUIC client out of its datagrams, in any order. What does not authenticate is
 * ignored, as a server would, but a client's first datagram has to. Memory and work are bounded, whatever comes.
 *
 * @example
 * ```ts
 * import { QuicInitialReader } from "./quic.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const reader = new QuicInitialReader();
 * assertEquals((await reader.read(new Uint8Array(1200))).verdict, "mismatch");
 * ```
 */
export class QuicInitialReader {
  readonly #stream = new CryptoStream({ limit: MAX_HANDSHAKE });
  #client: Client | undefined;
  #datagrams = 0;
  #result = PARTIAL_CLIENT_HELLO;

  /** What is known so far. */
  get result(): ParsedClientHello {
    return this.#result;
  }

  /**
   * Takes in the next datagram, which must not change meanwhile, and answers what is known then. Once the verdict
   * is final it stays.
   */
  async read(datagram: Uint8Array): Promise<ParsedClientHello> {
    if (this.#result.verdict !== "incomplete") return this.#result;
    this.#datagrams++;
    if (this.#datagrams > MAX_DATAGRAMS) return this.#settle(NO_CLIENT_HELLO);
    const first = this.#datagrams === 1;
    const payloads = quicDetector.detect(datagram) === "match" ? await this.#open(datagram) : [];
    if (first && payloads.length === 0) return this.#settle(NO_CLIENT_HELLO);
    for (const payload of payloads) {
      if (!this.#collect(payload)) return this.#settle(NO_CLIENT_HELLO);
    }
    return this.#settle(parseClientHello(this.#stream.contiguous));
  }

  async #open(datagram: Uint8Array): Promise<readonly Uint8Array[]> {
    const payloads: Uint8Array[] = [];
    for (const packet of readCoalescedPackets(datagram, { limit: MAX_PACKETS })) {
      const keys = packet.initial ? this.#keysOf(packet) : undefined;
      if (keys === undefined) continue;
      const payload = await openInitialPacket(datagram, { packet, keys: await keys });
      if (payload !== undefined) payloads.push(payload);
    }
    return payloads;
  }

  /** The first Initial packet says who the client is; packets of another one are not for this reader. */
  #keysOf({ version, destinationConnectionId }: LongHeaderPacket): Promise<InitialKeys> | undefined {
    this.#client ??= {
      version,
      destinationConnectionId: destinationConnectionId.slice(),
      keys: deriveInitialKeys(version, destinationConnectionId),
    };
    const known = this.#client.destinationConnectionId;
    const same = this.#client.version === version && known.length === destinationConnectionId.length &&
      known.every((byte, i) => byte === destinationConnectionId[i]);
    return same ? this.#client.keys : undefined;
  }

  #collect(payload: Uint8Array): boolean {
    const frames = readCryptoFrames(payload);
    return frames !== undefined && frames.every(({ offset, data }) => this.#stream.write(offset, data));
  }

  #settle(result: ParsedClientHello): ParsedClientHello {
    if (this.#result.verdict === "incomplete") this.#result = result;
    return this.#result;
  }
}
