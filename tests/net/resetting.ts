/**
 * Peers that break a connection off with a reset. `Deno.TcpConn.close` says goodbye first, so these are made
 * with `node:net`.
 *
 * @module
 */

import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";

/** A server that greets, and breaks every connection off at its first byte. */
export async function startResettingServer(
  greeting = "",
): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    if (greeting !== "") socket.write(greeting);
    socket.once("data", () => socket.resetAndDestroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Connects, says something, and breaks off at the first byte that comes. */
export function resetAtFirstByte(port: number, words: Uint8Array = new Uint8Array()): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.write(words);
    socket.on("close", () => resolve());
    socket.once("data", () => socket.resetAndDestroy());
  });
}

/** Connects, says something, and breaks off once that has come, which `hasCome` waits for. */
export async function resetAfter(
  port: number,
  words: Uint8Array,
  hasCome: () => Promise<unknown>,
): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  socket.write(words);
  await hasCome();
  socket.resetAndDestroy();
}
