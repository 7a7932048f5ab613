/**
 * The PROXY protocol on a listener: learns from a trusted proxy who the client really is.
 *
 * @module
 */

import type { BindingSpec } from "../config/types.ts";
import { parseProxyHeader, type ProxyHeader } from "../protocol/proxy_protocol.ts";
import { parseProxyV2 } from "../protocol/proxy_v2.ts";
import type { ClientInfo, Properties } from "../routing/client.ts";
import { compileNetwork, type NetworkTest, unmapAddress } from "../routing/network.ts";
import type { NegotiationContext, NegotiationOutcome, Negotiator } from "./negotiation.ts";

/** What a binding asks for with `proxy-protocol` and `proxy-protocol-from`. */
interface ProxyPolicy {
  readonly required: boolean;
  readonly trusted: readonly NetworkTest[];
}

/** The steps for a TCP binding; none unless it asks for the PROXY protocol. */
export function proxyProtocolNegotiators(binding: BindingSpec): readonly Negotiator[] {
  const policy = policyOf(binding);
  return policy === undefined ? [] : [new ProxyProtocolNegotiator(policy)];
}

/** A datagram without the header that stood in front of it, and the client that the header names. */
export interface ProxiedDatagram {
  readonly payload: Uint8Array;
  readonly client?: ClientInfo;
  /** What else the header tells. */
  readonly properties?: Properties;
}

/** Takes the header off a datagram; undefined for one that must be dropped. */
export type DatagramUnwrap = (datagram: Uint8Array, peer: ClientInfo) => ProxiedDatagram | undefined;

/** What a UDP binding does to its datagrams; undefined unless it asks for the PROXY protocol. */
export function proxyProtocolUnwrap(binding: BindingSpec): DatagramUnwrap | undefined {
  const policy = policyOf(binding);
  if (policy === undefined) return undefined;
  return (datagram, peer) => {
    const trusted = policy.trusted.some((contains) => contains(peer.remote.address));
    const header = trusted ? parseProxyV2(datagram).header : undefined;
    if (header === undefined) return policy.required ? undefined : { payload: datagram };
    return {
      payload: datagram.subarray(header.length),
      client: realClient(header, peer),
      properties: propertiesOf(header),
    };
  };
}

function policyOf({ parameters }: BindingSpec): ProxyPolicy | undefined {
  const mode = parameters["proxy-protocol"];
  if (mode === undefined) return undefined;
  const trusted = (parameters["proxy-protocol-from"] ?? "").split(";").filter((it) => it.trim() !== "")
    .map((network) => compileNetwork(network.trim()));
  return { required: mode === "require", trusted };
}

/** Reads the header. A peer that is not trusted is an ordinary client, whatever it sends. */
class ProxyProtocolNegotiator implements Negotiator {
  readonly name = "proxy-protocol";
  readonly #required: boolean;
  readonly #trusted: readonly NetworkTest[];

  constructor({ required, trusted }: ProxyPolicy) {
    this.#required = required;
    this.#trusted = trusted;
  }

  async negotiate(
    { connection: { client }, inspection, reader }: NegotiationContext,
  ): Promise<NegotiationOutcome> {
    if (!this.#trusted.some((contains) => contains(client.remote.address))) {
      return this.#required ? { reject: "the PROXY protocol is required, and the peer is not trusted" } : {};
    }
    let parsed = parseProxyHeader(inspection.bytes);
    while (parsed.verdict === "incomplete" && !inspection.ended) {
      await reader.more();
      parsed = parseProxyHeader(inspection.bytes);
    }
    const { header } = parsed;
    if (header === undefined) {
      return this.#required ? { reject: "the PROXY protocol is required, and there is no valid header" } : {};
    }
    reader.consume(header.length);
    return { client: realClient(header, client), properties: propertiesOf(header) };
  }
}

/** The proxy itself is the client where the header names none. */
function realClient({ source, destination }: ProxyHeader, peer: ClientInfo): ClientInfo | undefined {
  if (source === undefined) return undefined;
  const local = destination ?? { hostname: peer.local.address, port: peer.local.port };
  return {
    remote: { address: unmapAddress(source.hostname), port: source.port },
    local: { address: unmapAddress(local.hostname), port: local.port },
  };
}

function propertiesOf({ version, tlvs }: ProxyHeader): Properties {
  return {
    "proxy-protocol": `v${version}`,
    ...(tlvs.authority !== undefined && { "proxy-protocol.authority": tlvs.authority }),
    ...(tlvs.alpn !== undefined && { "proxy-protocol.alpn": tlvs.alpn }),
    ...(tlvs.ssl !== undefined && { "proxy-protocol.tls": String(tlvs.ssl.ssl) }),
    ...(tlvs.ssl?.version !== undefined && { "proxy-protocol.tls-version": tlvs.ssl.version }),
  };
}
