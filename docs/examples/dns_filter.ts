/**
 * Forwards DNS queries to a resolver, but for the names that are blocked: those do not exist.
 *
 *     pmmux -p '!:5353:udp' -b 'dns:./docs/examples/dns_filter.ts:net="9.9.9.9:53;0.0.0.0:0",
 *       resolver=9.9.9.9,block=ads.example;tracker.example'
 *
 * `0.0.0.0:0` is for its own sockets, on ports that the system chooses.
 *
 * @module
 */

import type { BackendModule, ClientWriter, MessageBackend, UpstreamSocket } from "../../mod.ts";

/** The name that a query asks for (RFC 1035, section 4.1.2). */
function questionName(query: Uint8Array): string {
  const labels: string[] = [];
  for (let at = 12, length = query[at] ?? 0; length > 0; at += length + 1, length = query[at] ?? 0) {
    labels.push(new TextDecoder().decode(query.subarray(at + 1, at + 1 + length)).toLowerCase());
  }
  return labels.join(".");
}

/** The query as its own answer: the name does not exist (RFC 1035, section 4.1.1). */
function nameError(query: Uint8Array): Uint8Array {
  return Uint8Array.from([...query.subarray(0, 2), 0x81, 0x83, ...query.subarray(4)]);
}

async function answer(socket: UpstreamSocket, client: ClientWriter): Promise<void> {
  const message = await socket.receive(new Uint8Array(65_536));
  if (message !== null) await client.write(message);
  socket.close();
}

const module: BackendModule = {
  protocol: "dns-filter",
  parameters: ["resolver", "resolver.port", "block"],
  createBackend(spec, { net, metrics }) {
    const { resolver = "", block = "", "resolver.port": port = "53" } = spec.parameters;
    const blocked = block.toLowerCase().split(";").filter((name) => name !== "");
    let writers: Parameters<MessageBackend["initialize"]>[0];
    return {
      info: { spec, properties: { resolver }, priorityTier: "normal" },
      initialize: (factory) => void (writers = factory),
      canHandleMessage: (_client, _metadata, query) => query.length > 12 ? "match" : "mismatch",
      async handleMessage(client, _metadata, query, signal) {
        const name = questionName(query);
        const isBlocked = blocked.some((it) => name === it || name.endsWith(`.${it}`));
        metrics?.count(isBlocked ? "queries.blocked" : "queries.forwarded");
        if (isBlocked) return void await writers(client).write(nameError(query));
        const socket = await net.openDatagram({ hostname: resolver, port: Number(port) });
        signal.addEventListener("abort", () => socket.close());
        answer(socket, writers(client));
        await socket.send(query);
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    } satisfies MessageBackend;
  },
};
export default module;
