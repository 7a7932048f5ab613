/**
 * What listeners take, in Deno's permissions.
 *
 * @module
 */

import ipaddr from "ipaddr.js";
import { hostAndPort } from "../config/address.ts";
import type { BackendSpec, BindingSpec, Config } from "../config/types.ts";
import { ANYTHING, type Grant } from "./grant.ts";

/** All IPv4 addresses. */
const ALL_IPV4 = "0.0.0.0/0";

/** What the listeners of a configuration have to be permitted. */
export function listenerGrants({ portBindings, backends }: Config): Grant[] {
  return portBindings.filter(({ listen }) => listen).flatMap((binding) =>
    binding.networkProtocol === "tcp" ? tcpGrants(binding) : udpGrants(binding, backends)
  );
}

function tcpGrants(binding: BindingSpec): Grant[] {
  return [{ kind: "net", value: listenAddress(binding), reason: `${nameOf(binding)}: TCP listener` }];
}

/**
 * A listener for datagrams answers its clients, and Deno checks whom it answers. A wildcard listener has a
 * socket on every address of the host.
 */
function udpGrants(binding: BindingSpec, backends: readonly BackendSpec[]): Grant[] {
  const { bindAddress, localPort } = binding;
  const name = nameOf(binding);
  const listener = `${name}: UDP listener`;
  const grants: Grant[] = [{ kind: "net", value: listenAddress(binding), reason: listener }];
  if (bindAddress === "0.0.0.0" || bindAddress === "::") {
    const value = bindAddress === "::"
      ? ANYTHING
      : localPort === "auto"
      ? ALL_IPV4
      : `${ALL_IPV4}:${localPort}`;
    const without = bindAddress === "::" ? " (Deno cannot name IPv6 networks)" : "";
    grants.push(
      { kind: "net", value, reason: `${listener}, on every address of this host${without}` },
      {
        kind: "sys",
        value: "networkInterfaces",
        reason: `${name}: the addresses of this host, for the UDP listener`,
      },
    );
  }
  const clients = clientNetworks(binding, backends).flatMap((network) => clientValue(network, bindAddress));
  for (const value of new Set(clients)) {
    const without = value === ANYTHING ? " (Deno cannot name IPv6 networks)" : "";
    grants.push({ kind: "net", value, reason: `${name}: answers to UDP clients${without}` });
  }
  return grants;
}

/**
 * The networks that datagrams are answered to: those of the backends' `remote-ip` where every backend has one,
 * else all of the listener's family. A proxy is answered in its clients' stead.
 */
function clientNetworks(
  { bindAddress, parameters }: BindingSpec,
  backends: readonly BackendSpec[],
): string[] {
  const everyone = bindAddress.includes(":") ? ["::/0"] : [ALL_IPV4];
  if (parameters["proxy-protocol"] === "require") return networks(parameters["proxy-protocol-from"]);
  if (parameters["proxy-protocol"] === "accept") return everyone;
  const perBackend = backends.map((backend) => remoteNetworks(backend.parameters));
  return perBackend.length === 0 || perBackend.some((networks) => networks.length === 0)
    ? everyone
    : perBackend.flat();
}

function remoteNetworks(parameters: Readonly<Record<string, string>>): string[] {
  return Object.entries(parameters).filter(([key]) => key.toLowerCase() === "remote-ip")
    .flatMap(([, value]) => networks(value));
}

function networks(list = ""): string[] {
  return list.split(";").map((network) => network.trim()).filter((network) => network !== "");
}

/** A network as Deno names it. An IPv4 socket has no IPv6 clients. */
function clientValue(network: string, bindAddress: string): string[] {
  const [address, length] = network.split("/");
  if (!ipaddr.isValid(address!)) return [];
  const parsed = ipaddr.process(address!);
  if (parsed.kind() === "ipv4") {
    if (length === undefined || length === "32") return [parsed.toString()];
    return [`${ipaddr.IPv4.networkAddressFromCIDR(`${parsed}/${length}`)}/${length}`];
  }
  if (!bindAddress.includes(":")) return [];
  return length === undefined || length === "128" ? [`[${parsed}]`] : [ANYTHING];
}

function listenAddress({ bindAddress, localPort }: BindingSpec): string {
  return hostAndPort(bindAddress, localPort === "auto" ? 0 : localPort);
}

function nameOf({ index }: BindingSpec): string {
  return `port-bindings[${index}]`;
}
