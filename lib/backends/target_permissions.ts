/**
 * What reaching a target takes, in Deno's permissions.
 *
 * @module
 */

import ipaddr from "ipaddr.js";
import { hostAndPort } from "../config/address.ts";
import type { PermissionNeed } from "../routing/backend_module.ts";
import type { Dial } from "../routing/client.ts";

/** What a backend has to be permitted to connect to a target and to send it datagrams. */
export function targetPermissions({ transport, hostname, port, path }: Dial): readonly PermissionNeed[] {
  if (transport === "unix") return unixPermissions(path!);
  if (!ipaddr.isValid(hostname!)) return namePermissions(hostname!, port!);
  const isIPv6 = hostname!.includes(":");
  return [
    { kind: "net", value: hostAndPort(hostname!, port!), reason: "target" },
    upstreamSocket(isIPv6 ? "[::]" : "0.0.0.0"),
  ];
}

/** Deno treats a Unix socket as an address and as a file. */
function unixPermissions(path: string): PermissionNeed[] {
  return [
    { kind: "net", value: `unix:${path}`, reason: "target" },
    { kind: "read", value: path, reason: "target" },
    { kind: "write", value: path, reason: "target" },
  ];
}

/**
 * A connection is checked against the name alone. A datagram goes to the address that the name stands for,
 * which nobody knows beforehand; and looking a name up is checked without a port.
 */
function namePermissions(name: string, port: number): PermissionNeed[] {
  return [
    { kind: "net", value: `${name}:${port}`, reason: "target" },
    { kind: "net", value: name, reason: "looking up the target's name", networkProtocol: "udp" },
    {
      kind: "net",
      value: `0.0.0.0/0:${port}`,
      reason: "the IPv4 addresses that the target's name may have",
      networkProtocol: "udp",
    },
    upstreamSocket("0.0.0.0"),
  ];
}

function upstreamSocket(wildcard: string): PermissionNeed {
  return {
    kind: "net",
    value: `${wildcard}:0`,
    reason: "sockets towards the target",
    networkProtocol: "udp",
  };
}
