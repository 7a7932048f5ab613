/**
 * Stands between clients and a server, and replaces words in what the server answers.
 *
 *     pmmux -b 'web:./docs/examples/rewrite.ts:net="127.0.0.1:3000",to="127.0.0.1:3000",replace=cat/dog' -p '!:8080'
 *
 * A word that the network cuts in two is left as it is.
 *
 * @module
 */

import type { BackendModule, BackendNetwork, Connection, ConnectionBackend } from "../../mod.ts";

/** A connection to the server that replaces bytes in what it reads. */
async function rewrite(
  network: BackendNetwork,
  { to, from, by, signal }: { to: URL; from: string; by: string; signal: AbortSignal },
): Promise<Connection> {
  const server = await network.connect({ hostname: to.hostname, port: Number(to.port) }, signal);
  let rewritten: Uint8Array = new Uint8Array(0);
  return {
    async read(buffer) {
      if (rewritten.length === 0) {
        const count = await server.read(buffer);
        if (count === null) return null;
        rewritten = replaceBytes(buffer.subarray(0, count), from, by);
      }
      const chunk = rewritten.subarray(0, buffer.length);
      buffer.set(chunk);
      rewritten = rewritten.subarray(chunk.length);
      return chunk.length;
    },
    write: (bytes) => server.write(bytes),
    closeWrite: () => server.closeWrite(),
    close: () => server.close(),
  };
}

/** Latin-1 maps every byte to one character and back. */
function replaceBytes(bytes: Uint8Array, from: string, by: string): Uint8Array {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("").replaceAll(from, by);
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

const module: BackendModule = {
  protocol: "rewrite",
  parameters: ["to", "replace"],
  createBackend(spec, { net }) {
    const [from = "", by = ""] = (spec.parameters.replace ?? "").split("/");
    const to = new URL(`tcp://${spec.parameters.to}`);
    const backend: ConnectionBackend = {
      info: { spec, properties: { "target.host": to.host }, priorityTier: "normal" },
      canHandleConnection: () => "match",
      connect: (_client, signal) => rewrite(net, { to, from, by, signal }),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    return backend;
  },
};
export default module;
