/**
 * What a BitTorrent client talks to: a peer over TCP, a tracker and a DHT node over UDP, on one port number.
 *
 * @module
 */

import { concat, readExactly, writeAll } from "../../support/conversation.ts";
import { startTcpServer, type TestServer } from "../../support/servers.ts";
import { ask, startUdpServer } from "./udp_server.ts";

/** Protocol name with its length, and eight reserved bytes (BEP 3). */
const HANDSHAKE_START = concat([new TextEncoder().encode("\x13BitTorrent protocol"), new Uint8Array(8)]);
const INFO_HASH = new Uint8Array(20).fill(0xab);
const HANDSHAKE_LENGTH = 68;
/** The number that begins every connect request to a tracker (BEP 15). */
const TRACKER_MAGIC = 0x41727101980n;
const CONNECTION_ID = 0x1122334455667788n;

/** Starts the peer. */
export function startBittorrentPeer(): TestServer {
  const peer = startTcpServer(async (connection) => {
    const theirs = await readExactly(connection, HANDSHAKE_LENGTH);
    await writeAll(connection, handshake(theirs.subarray(28, 48), "-PM0001-peerpeerpeer"));
  });
  const node = startUdpServer((message) => trackerAnswer(message) ?? nodeAnswer(message), {
    port: peer.port,
  });
  return {
    hostname: peer.hostname,
    port: peer.port,
    async [Symbol.asyncDispose]() {
      await node[Symbol.asyncDispose]();
      await peer[Symbol.asyncDispose]();
    },
  };
}

/** Greets the peer behind a port, and gives the id that it answers with. */
export async function greetPeer(port: number): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await writeAll(connection, handshake(INFO_HASH, "-TR4000-clientclient"));
  const answer = await readExactly(connection, HANDSHAKE_LENGTH);
  return new TextDecoder().decode(answer.subarray(48));
}

/** Connects to the tracker behind a port, and gives the connection id that it hands out (BEP 15). */
export async function connectToTracker(port: number): Promise<bigint> {
  const request = new DataView(new ArrayBuffer(16));
  request.setBigUint64(0, TRACKER_MAGIC);
  request.setUint32(12, 0xcafe);
  const answer = await ask(port, new Uint8Array(request.buffer));
  return new DataView(answer.buffer, answer.byteOffset).getBigUint64(8);
}

/** Pings the DHT node behind a port, and gives what it answers (BEP 5). */
export async function pingNode(port: number): Promise<string> {
  const request = "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe";
  return new TextDecoder().decode(await ask(port, new TextEncoder().encode(request)));
}

/** What {@linkcode connectToTracker} gives when it reached this tracker. */
export const trackerConnectionId: bigint = CONNECTION_ID;

function handshake(infoHash: Uint8Array, peerId: string): Uint8Array {
  return concat([HANDSHAKE_START, infoHash, new TextEncoder().encode(peerId)]);
}

function trackerAnswer(message: Uint8Array): Uint8Array | undefined {
  const request = new DataView(message.buffer, message.byteOffset, message.byteLength);
  if (message.length !== 16 || request.getBigUint64(0) !== TRACKER_MAGIC) return undefined;
  const answer = new DataView(new ArrayBuffer(16));
  answer.setUint32(4, request.getUint32(12));
  answer.setBigUint64(8, CONNECTION_ID);
  return new Uint8Array(answer.buffer);
}

function nodeAnswer(message: Uint8Array): Uint8Array | undefined {
  if (!new TextDecoder().decode(message).includes("1:q4:ping")) return undefined;
  return new TextEncoder().encode("d1:rd2:id20:mnopqrstuvwxyz123456e1:t2:aa1:y1:re");
}
