/**
 * A scripted UDP server.
 *
 * @module
 */

import { UdpClient } from "../../net/udp_client.ts";
import type { TestServer } from "../../support/servers.ts";

/** Answers a datagram, or does not. */
export type MessageAnswer = (message: Uint8Array, sender: Deno.NetAddr) => Uint8Array | undefined;

/** A UDP server that keeps what it is sent. */
export interface UdpServer extends TestServer {
  /** Every datagram, in the order of arrival. */
  readonly received: readonly Uint8Array[];
}

/** Serves datagrams to 127.0.0.1, on any port unless one is given. */
export function startUdpServer(answer: MessageAnswer, { port = 0 }: { port?: number } = {}): UdpServer {
  const hostname = "127.0.0.1";
  const socket = Deno.listenDatagram({ transport: "udp", hostname, port });
  const received: Uint8Array[] = [];
  const serving = (async () => {
    for await (const [message, sender] of socket) {
      received.push(message);
      const reply = answer(message, sender as Deno.NetAddr);
      if (reply !== undefined) await socket.send(reply, sender);
    }
  })();
  return {
    hostname,
    port: (socket.addr as Deno.NetAddr).port,
    received,
    async [Symbol.asyncDispose]() {
      socket.close();
      await serving;
    },
  };
}

/** Sends one datagram to a UDP port of 127.0.0.1 from a new socket, and gives the first answer. */
export async function ask(port: number, message: Uint8Array): Promise<Uint8Array> {
  await using client = new UdpClient();
  return (await client.ask(message, { port })).message;
}
