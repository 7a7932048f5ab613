/**
 * Sends IPv4 clients to the server of their region, by the network that they come from. The module only decides;
 * pmmux connects and carries the bytes.
 *
 *     pmmux -p '!:8080' -b 'geo:./docs/examples/geo_dial.ts:net="10.1.0.5:80;10.2.0.5:80",
 *       10.1.0.0/16="10.1.0.5:80",10.2.0.0/16="10.2.0.5:80"'
 *
 * @module
 */

import type { BackendModule, ConnectionBackend, Dial } from "../../mod.ts";

/** Clients of a network, and where they go. */
interface Region {
  readonly network: number;
  readonly mask: number;
  readonly target: Dial;
}

/** `10.1.0.0/16` → `10.1.0.5:80`. */
function region(cidr: string, target: string): Region {
  const [address = "", bits = "32"] = cidr.split("/");
  const mask = Number(bits) === 0 ? 0 : -1 << (32 - Number(bits));
  const { hostname, port } = new URL(`tcp://${target}`);
  return { network: toNumber(address) & mask, mask, target: { hostname, port: Number(port) } };
}

function isIPv6(address: string): boolean {
  return address.includes(":");
}

function toNumber(address: string): number {
  return address.split(".").reduce((number, part) => number << 8 | Number(part), 0);
}

const module: BackendModule = {
  protocol: "geo",
  createBackend(spec, { metrics }) {
    const regions = Object.entries(spec.parameters).filter(([name]) => /^[\d.]+\/\d+$/.test(name))
      .map(([cidr, target]) => region(cidr, target));
    if (regions.length === 0) throw new Error(`Cannot use backend "${spec.name}": it has no network=target`);
    const targetOf = (address: string) =>
      isIPv6(address)
        ? undefined
        : regions.find(({ network, mask }) => (toNumber(address) & mask) === network)?.target;
    const backend: ConnectionBackend = {
      info: { spec, properties: { regions: String(regions.length) }, priorityTier: "normal" },
      canHandleConnection: ({ client }) =>
        targetOf(client.remote.address) === undefined ? "mismatch" : "match",
      connect({ client }) {
        metrics?.count("dials");
        return targetOf(client.remote.address) ?? null;
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    return backend;
  },
};
export default module;
