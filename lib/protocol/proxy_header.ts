/**
 * What a PROXY protocol header says, in either version.
 *
 * @see "The PROXY protocol", versions 1 and 2, by Willy Tarreau
 * @module
 */

import type { Verdict } from "./detector.ts";

/** One end of a connection. */
export interface ProxyAddress {
  /** An IPv4 address, or an IPv6 address in its shortest form, without brackets. */
  readonly hostname: string;
  /** The port. */
  readonly port: number;
}

/** What a header says about TLS between the client and the proxy (PP2_TYPE_SSL). */
export interface ProxySsl {
  /** Whether the client connected with TLS. */
  readonly ssl: boolean;
  /** Whether it sent a certificate on this connection. */
  readonly certificateOnConnection: boolean;
  /** Whether it sent one during the session that this connection resumed. */
  readonly certificateInSession: boolean;
  /** Whether that certificate was verified. */
  readonly verified: boolean;
  /** The version, as in `TLSv1.3`. */
  readonly version?: string;
  /** The common name of the client's certificate. */
  readonly commonName?: string;
  /** The cipher suite. */
  readonly cipher?: string;
}

/** What version 2 adds to the addresses. */
export interface ProxyTlvs {
  /** The application protocol chosen by ALPN. */
  readonly alpn?: string;
  /** The host name that the client asked for, as by SNI. */
  readonly authority?: string;
  /** An opaque identifier of the connection, at most 128 bytes. */
  readonly uniqueId?: Uint8Array;
  /** TLS towards the client. */
  readonly ssl?: ProxySsl;
  /** The name of the network namespace. */
  readonly networkNamespace?: string;
}

/** A PROXY protocol header. */
export interface ProxyHeader {
  /** The version of the header. */
  readonly version: 1 | 2;
  /** `LOCAL` when the proxy itself is the client, as in a health check: the real peer counts. */
  readonly command: "LOCAL" | "PROXY";
  /** How the client is connected to the proxy; undefined when that is neither TCP nor UDP over IP. */
  readonly transport?: "tcp" | "udp";
  /** The client; undefined for `LOCAL`, `UNKNOWN` and families without addresses: the real peer counts. */
  readonly source?: ProxyAddress;
  /** What the client connected to; undefined when there is no source. */
  readonly destination?: ProxyAddress;
  /** What else version 2 says; empty for version 1. */
  readonly tlvs: ProxyTlvs;
  /** Bytes that the header takes: what the client sent comes after them. */
  readonly length: number;
}

/** A header as far as it has arrived: `header` is there when the verdict is `match`. */
export interface ParsedProxyHeader {
  /** `incomplete` until all of the header is there, `mismatch` as soon as it cannot be one. */
  readonly verdict: Verdict;
  /** The header. */
  readonly header?: ProxyHeader;
}

/** The result for bytes that are no header. */
export const NO_PROXY_HEADER: ParsedProxyHeader = Object.freeze({ verdict: "mismatch" });

/** The result for bytes that may become a header. */
export const PARTIAL_PROXY_HEADER: ParsedProxyHeader = Object.freeze({ verdict: "incomplete" });

/** The two ends of a connection, to be told to a backend. */
export interface ProxyAddresses {
  /** The client. Without both ends the header says that there is nothing to tell. */
  readonly source?: ProxyAddress;
  /** What the client connected to. */
  readonly destination?: ProxyAddress;
}
