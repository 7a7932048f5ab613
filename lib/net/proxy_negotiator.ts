/**
 * The PROXY protocol on a listener: learns from a trusted proxy who the client really is.
 *
 * @module
 */

import type { BindingSpec } from "../config/types.ts";
import { parseProxyHeader, type ProxyHeader } from "../protocol/proxy_protocol.ts";
import type { ClientInfo } from "../routing/contracts.ts";
import { compileNetwork, type NetworkTest } from "../routing/network.ts";
import type { NegotiationContext, NegotiationOutcome, Negotiator } from "./negotiation.ts";

/** What a binding asks for with `proxy-protocol` and `proxy-protocol-from`; nothing unless it does. */
export function proxyProtocolNegotiators({ parameters }: BindingSpec): readonly Negotiator[] {
  const mode = parameters["proxy-protocol"];
  if (mode === undefined) return [];
  const trusted = (parameters["proxy-protocol-from"] ?? "").split(";").filter((it) => it.trim() !== "")
    .map((network) => compileNetwork(network.trim()));
  return [new ProxyProtocolNegotiator({ required: mode === "require", trusted })];
}

/** Reads the header. A peer that is not trusted is an ordinary client, whatever it sends. */
class ProxyProtocolNegotiator implements Negotiator {
  readonly name = "proxy-protocol";
  readonly #required: boolean;
  readonly #trusted: readonly NetworkTest[];

  constructor({ required, trusted }: { required: boolean; trusted: readonly NetworkTest[] }) {
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
    remote: { address: source.hostname, port: source.port },
    local: { address: local.hostname, port: local.port },
  };
}

function propertiesOf({ version, tlvs }: ProxyHeader): Record<string, string> {
  return {
    "proxy-protocol": `v${version}`,
    ...(tlvs.authority !== undefined && { "proxy-protocol.authority": tlvs.authority }),
    ...(tlvs.alpn !== undefined && { "proxy-protocol.alpn": tlvs.alpn }),
    ...(tlvs.ssl !== undefined && { "proxy-protocol.tls": String(tlvs.ssl.ssl) }),
  };
}
