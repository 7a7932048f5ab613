/**
 * One client's first bytes while backends are chosen: what every candidate looks at, and what was found in
 * it, each thing once.
 *
 * @module
 */

import type { NetworkProtocol } from "../config/types.ts";
import { clientHelloFacts, type ParsedClientHello } from "../protocol/client_hello.ts";
import type { Detector, Facts, Verdict } from "../protocol/detector.ts";
import { isSslRequest, parsePostgresHello } from "../protocol/postgres.ts";
import { parseDtlsClientHello } from "../protocol/dtls.ts";
import { parseHttpRequestHead } from "../protocol/http.ts";
import { quicDetector, QuicInitialReader } from "../protocol/quic.ts";
import { type ParsedRequestHead, requestFacts } from "../protocol/request_head.ts";
import { parseTlsClientHello } from "../protocol/tls.ts";
import type { ClientInfo, Preview, Properties } from "./client.ts";

interface Finding {
  readonly revision: number;
  readonly result: { readonly verdict: Verdict };
}

const NO_BYTES = new Uint8Array(0);
/** The facts of somebody of whom nothing is known. */
export const NO_FACTS: Facts = Object.freeze({});
/** One object a verdict, so that remembering a detector's allocates nothing. */
const RESULTS = {
  match: { verdict: "match" },
  mismatch: { verdict: "mismatch" },
  incomplete: { verdict: "incomplete" },
} as const;

/** A preview that remembers what detectors and parsers made of it. */
export class Inspection implements Preview {
  /** Whether the bytes are the start of a stream or one datagram. */
  readonly networkProtocol: NetworkProtocol;
  /** Who is calling; replaced when a trusted proxy names the real client. */
  client: ClientInfo;

  readonly #connection: () => Properties;
  #bytes: Uint8Array = NO_BYTES;
  #ended = false;
  #revision = 0;
  #findings: Map<unknown, Finding> | undefined;
  #facts: Record<string, string> | undefined;
  #detected: Detector[] | undefined;
  #quic: QuicInitialReader | undefined;
  #awaitsPostgresTls = false;
  #properties: { readonly revision: number; readonly values: Properties } | undefined;

  /** An inspection without bytes yet; `properties` is called when somebody asks for the connection's. */
  constructor(networkProtocol: NetworkProtocol, client: ClientInfo, properties: () => Properties) {
    this.networkProtocol = networkProtocol;
    this.client = client;
    this.#connection = properties;
  }

  /** The first bytes, as many as have arrived. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  set bytes(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#revision++;
  }

  /** True when no more bytes will come. */
  get ended(): boolean {
    return this.#ended;
  }

  set ended(ended: boolean) {
    this.#ended = ended;
    this.#revision++;
  }

  /** Changes whenever a verdict might. */
  get revision(): number {
    return this.#revision;
  }

  /** The connection's properties, and the facts that were found so far. */
  get properties(): Properties {
    if (this.#properties?.revision !== this.#revision) {
      this.#properties = { revision: this.#revision, values: { ...this.#connection(), ...this.facts } };
    }
    return this.#properties.values;
  }

  /** What detectors and parsers found: `detected`, and each protocol's own facts. */
  get facts(): Facts {
    if (this.#detected === undefined && this.#facts === undefined) return NO_FACTS;
    const facts: Record<string, string> = {};
    for (const detector of this.#detected ?? []) {
      facts.detected ??= detector.name;
      Object.assign(facts, detector.facts?.(this.#bytes));
    }
    return { ...this.#facts, ...facts };
  }

  /** The verdict of a detector, which runs no more once it is certain. */
  detect(detector: Detector): Verdict {
    const known = this.#known(detector);
    if (known !== undefined) return known.verdict;
    const verdict = detector.detect(this.#bytes);
    this.#remember(detector, RESULTS[verdict]);
    if (verdict === "match") {
      (this.#detected ??= []).push(detector);
      this.#properties = undefined;
    }
    return verdict;
  }

  /** The ClientHello of TLS, DTLS or QUIC. */
  clientHello(): ParsedClientHello {
    if (this.networkProtocol === "tcp") return this.#hello("tls", this.#parse(parseTlsClientHello));
    const quic = this.#quicHello();
    return quic === undefined
      ? this.#hello("dtls", this.#parse(parseDtlsClientHello))
      : this.#hello("quic", quic);
  }

  /** The ClientHello that a PostgreSQL client sends once its request for TLS has been granted. */
  postgresHello(): ParsedClientHello {
    const parsed = this.#parse(parsePostgresHello);
    this.#hello("postgres", parsed);
    this.#awaitsPostgresTls ||= parsed.verdict === "incomplete" && isSslRequest(this.#bytes);
    return parsed;
  }

  /** Whether somebody waits for a ClientHello that the client sends only after it was told to. */
  get awaitsPostgresTls(): boolean {
    return this.#awaitsPostgresTls;
  }

  /** The head of an HTTP request. */
  requestHead(): ParsedRequestHead {
    const parsed = this.#parse(parseHttpRequestHead);
    if (parsed.head?.version !== undefined) {
      this.#learn({ detected: `http${parsed.head.version[0]}`, ...requestFacts(parsed.head) });
    }
    return parsed;
  }

  /** Whether somebody waits for the ClientHello of a QUIC client: {@linkcode Inspection.readQuic} brings it. */
  get awaitsQuic(): boolean {
    return this.#quic?.result.verdict === "incomplete";
  }

  /** Takes in the next datagram of a QUIC client; it must not change meanwhile. */
  async readQuic(datagram: Uint8Array): Promise<void> {
    await this.#quic?.read(datagram);
    this.#revision++;
  }

  #hello(detected: string, parsed: ParsedClientHello): ParsedClientHello {
    if (parsed.hello !== undefined) this.#learn({ detected, ...clientHelloFacts(parsed.hello) });
    return parsed;
  }

  #quicHello(): ParsedClientHello | undefined {
    if (this.#quic === undefined) {
      if (quicDetector.detect(this.#bytes) !== "match") return undefined;
      this.#quic = new QuicInitialReader();
    }
    return this.#quic.result;
  }

  #parse<T extends Finding["result"]>(parser: (bytes: Uint8Array) => T): T {
    const known = this.#known(parser);
    if (known !== undefined) return known as T;
    const result = parser(this.#bytes);
    this.#remember(parser, result);
    return result;
  }

  #known(key: unknown): Finding["result"] | undefined {
    const finding = this.#findings?.get(key);
    if (finding === undefined) return undefined;
    return finding.result.verdict !== "incomplete" || finding.revision === this.#revision
      ? finding.result
      : undefined;
  }

  #remember(key: unknown, result: Finding["result"]): void {
    (this.#findings ??= new Map()).set(key, { revision: this.#revision, result });
  }

  #learn(facts: Facts): void {
    this.#facts = { ...this.#facts, ...facts };
    this.#properties = undefined;
  }
}
