/**
 * The PROXY protocol header that a backend wants in front of what its clients send.
 *
 * @module
 */

import type { BackendSpec } from "../config/types.ts";
import { encodeProxyV1, encodeProxyV2 } from "../protocol/proxy_protocol.ts";
import type { ClientInfo, Properties } from "../routing/client.ts";
import { ParameterError } from "./parameters.ts";

/** What `proxy-protocol=` may say. */
export type ProxyVersion = "v1" | "v2";

/** Reads `proxy-protocol=`. */
export function proxyVersion(spec: BackendSpec): ProxyVersion | undefined {
  const text = spec.parameters["proxy-protocol"];
  if (text === undefined || text === "v1" || text === "v2") return text;
  throw new ParameterError(spec, "proxy-protocol", `is "${text}", but must be v1 or v2`);
}

/**
 * The header that tells a backend who its client is, and with version 2 what is known of its TLS: by the client's own
 * bytes, else by the header of a proxy in front of us.
 */
export function proxyHeader(
  version: ProxyVersion,
  { client, properties, transport }: {
    readonly client: ClientInfo;
    readonly properties: Properties;
    readonly transport: "tcp" | "udp";
  },
): Uint8Array {
  const addresses = {
    source: { hostname: client.remote.address, port: client.remote.port },
    destination: { hostname: client.local.address, port: client.local.port },
  };
  if (version === "v1") return encodeProxyV1(addresses);
  const sni = properties.sni ?? properties["proxy-protocol.authority"];
  const alpn = properties.alpn ?? properties["proxy-protocol.alpn"];
  const tls = properties.tls ?? properties["proxy-protocol.tls"];
  const tlsVersion = properties["tls.protocol"] ?? properties["proxy-protocol.tls-version"];
  return encodeProxyV2({
    ...addresses,
    transport,
    tlvs: {
      ...(sni !== undefined && { authority: sni }),
      ...(alpn !== undefined && alpn !== "" && { alpn: alpn.split(";", 1)[0] }),
      ...(tls === "true" && {
        ssl: {
          ssl: true,
          certificateOnConnection: false,
          certificateInSession: false,
          verified: false,
          ...(tlsVersion !== undefined && { version: tlsVersion }),
        },
      }),
    },
  });
}
