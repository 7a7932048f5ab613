/**
 * A TLS connection towards a target whose certificate need not be valid: for finding out whether it answers.
 *
 * @module
 */

import { connect } from "node:tls";
import type { Connection, Dial } from "../routing/client.ts";

/** Connects and completes the handshake; rejects when either fails or the signal is aborted. */
export async function connectTls(
  { hostname, port, path }: Dial,
  { verify, signal }: { readonly verify: boolean; readonly signal: AbortSignal },
): Promise<Connection> {
  const address = path === undefined ? { host: hostname, port: port! } : { path };
  const socket = connect({ ...address, servername: serverName(hostname), rejectUnauthorized: verify });
  const give = () => socket.destroy(new Error("given up"));
  signal.addEventListener("abort", give, { once: true });
  await new Promise<void>((resolve, reject) => {
    socket.once("secureConnect", resolve);
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("closed during the TLS handshake")));
  }).finally(() => signal.removeEventListener("abort", give));
  socket.on("error", () => {});
  const chunks = socket[Symbol.asyncIterator]();
  let rest = new Uint8Array(0);
  return {
    async read(buffer) {
      if (rest.length === 0) {
        const { done, value } = await chunks.next();
        if (done) return null;
        rest = new Uint8Array(value);
      }
      const count = Math.min(buffer.length, rest.length);
      buffer.set(rest.subarray(0, count));
      rest = rest.subarray(count);
      return count;
    },
    write: (bytes) =>
      new Promise((resolve, reject) =>
        socket.write(bytes, (error) => error ? reject(error) : resolve(bytes.length))
      ),
    closeWrite: () => void socket.end(),
    close: () => void socket.destroy(),
  };
}

/** Server name indication takes names only (RFC 6066). */
function serverName(hostname: string | undefined): string | undefined {
  return hostname !== undefined && /[a-z]/i.test(hostname) && !hostname.includes(":") ? hostname : undefined;
}
