/**
 * An extension that turns listed clients away before anything else looks at them:
 * `pmmux -x ./docs/examples/blocklist.ts --blocked-client 192.0.2.0/24 …`
 *
 * @module
 */

import ipaddr from "npm:ipaddr.js@^2.5.0";
import type { Extension } from "@pmmux/cli/mod";

/** The extension. */
const extension: Extension = {
  name: "blocklist",
  version: "1.0.0",
  options: {
    clients: {
      name: "blocked-client",
      kind: "list",
      plural: "blocked-clients",
      element: "string",
      placeholder: "network",
      help: "networks whose clients are turned away",
    },
  },
  commands: [{
    name: "blocklist",
    summary: "show whether addresses are blocked",
    usage: "address… [options]",
    operands: [],
    run({ options, operands, out }) {
      const isBlocked = blocklist(options.clients as string[]);
      for (const address of operands) out(`${address} ${isBlocked(address) ? "blocked" : "free"}`);
      return 0;
    },
  }],
  register({ options, negotiator }) {
    const isBlocked = blocklist(options.clients as string[]);
    negotiator({
      name: "blocklist",
      negotiate: ({ client }) =>
        isBlocked(client.remote.address)
          ? { outcome: "reject", reason: `${client.remote.address} is blocked` }
          : { outcome: "accept" },
    });
  },
};
export default extension;

function blocklist(networks: readonly string[]): (address: string) => boolean {
  const list = networks.map((network) =>
    ipaddr.parseCIDR(network.includes("/") ? network : `${network}/${network.includes(":") ? 128 : 32}`)
  );
  return (address) => {
    const parsed = ipaddr.parse(address);
    return list.some(([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits));
  };
}
