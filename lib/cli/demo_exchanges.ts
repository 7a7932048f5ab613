/**
 * What the demonstration's clients say, where that has to go, and how to say it by hand.
 *
 * @module
 */

import type { NetworkProtocol } from "../config/types.ts";
import { backendNetwork } from "../net/backend_network.ts";
import { deadline } from "../net/deadlines.ts";
import { latin1 } from "../protocol/bytes.ts";
import { unescapeBytes } from "../protocol/escaped_bytes.ts";
import type { UpstreamSocket } from "../routing/backend_module.ts";
import type { Endpoint } from "../routing/client.ts";

/** One client. */
export interface DemoExchange {
  /** What it is, in a few words. */
  readonly client: string;
  /** The transport. */
  readonly networkProtocol: NetworkProtocol;
  /** What it sends, with escapes. */
  readonly sends: string;
  /** The backend that has to get it. */
  readonly backend: string;
  /** What the answer has to contain, with escapes. */
  readonly answer: string;
  /** A command that does the same. */
  readonly byHand: (host: string, port: number) => string;
}

/** A client gives up after so many milliseconds. */
const PATIENCE_MS = 5000;

/** A ClientHello for shop.demo with ALPN http/1.1 (RFC 8446 section 4.1.2). */
const CLIENT_HELLO =
  "1603010059010000550303000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f" +
  "000004130100ff010000280000000e000c00000973686f702e64656d6f0010000b000908687474702f312e31002b0003020303";

/** The clients, in the order in which they call. */
export const demoExchanges: readonly DemoExchange[] = [
  {
    client: "an HTTP request",
    networkProtocol: "tcp",
    sends: "GET /hello HTTP/1.1\\r\\nHost: www.demo\\r\\nConnection: close\\r\\n\\r\\n",
    backend: "web",
    answer: "Hello from web: GET /hello",
    byHand: (host, port) => `curl http://${host}:${port}/hello`,
  },
  {
    client: "one for the host api.demo",
    networkProtocol: "tcp",
    sends: "GET /v1 HTTP/1.1\\r\\nHost: api.demo\\r\\nConnection: close\\r\\n\\r\\n",
    backend: "api",
    answer: "Hello from api: GET /v1",
    byHand: (host, port) => `curl -H 'Host: api.demo' http://${host}:${port}/v1`,
  },
  {
    client: "an SSH client's banner",
    networkProtocol: "tcp",
    sends: "SSH-2.0-demo\\r\\n",
    backend: "ssh",
    answer: "SSH-2.0-pmmux_demo\\r\\n",
    byHand: (host, port) => `printf 'SSH-2.0-me\\r\\n' | nc ${host} ${port}`,
  },
  {
    client: "a TLS hello for shop.demo",
    networkProtocol: "tcp",
    sends: CLIENT_HELLO.replaceAll(/../g, "\\x$&"),
    backend: "tls",
    answer: "\\x15\\x03\\x03\\0\\x02\\x02\\x28",
    byHand: (host, port) => `openssl s_client -connect ${host}:${port} -servername shop.demo`,
  },
  {
    client: "a client that says nothing",
    networkProtocol: "tcp",
    sends: "",
    backend: "lines",
    answer: "Hello, I speak first.",
    byHand: (host, port) => `nc ${host} ${port}`,
  },
  {
    client: "a datagram",
    networkProtocol: "udp",
    sends: "ping over UDP",
    backend: "echo",
    answer: "ping over UDP",
    byHand: (host, port) => `echo hello | nc -u ${host} ${port}`,
  },
];

/** The backends in order, as specs; `ports` are those of the services. */
export function demoBackends(ports: Readonly<Record<string, number>>): string[] {
  const conditions: Readonly<Record<string, string>> = {
    ssh: "detect=ssh",
    api: "http.host=api.demo",
    web: "detect=http",
    tls: "sni=*.demo",
    lines: "property[socket.protocol-type]=tcp",
    echo: "property[socket.protocol-type]=udp",
  };
  return Object.entries(conditions).map(([name, condition]) =>
    `${name}:pass:${condition},target.ip=127.0.0.1,target.port=${ports[name]}`
  );
}

/** Performs an exchange; the answer up to what it has to contain, or whatever came instead. */
export async function performExchange(exchange: DemoExchange, { address, port }: Endpoint): Promise<string> {
  const { networkProtocol, sends } = exchange;
  const bytes = unescapeBytes(sends);
  const expected = latin1(unescapeBytes(exchange.answer));
  const peer = networkProtocol === "tcp"
    ? await openStream({ address, port })
    : await backendNetwork.openDatagram({ hostname: address, port });
  const patience = deadline(PATIENCE_MS, () => peer.close());
  try {
    if (bytes.length > 0) await peer.send(bytes);
    const buffer = new Uint8Array(64 * 1024);
    let answer = "";
    while (!answer.includes(expected)) {
      const message = await peer.receive(buffer);
      if (message === null) break;
      answer += latin1(message);
    }
    return answer;
  } finally {
    patience.cancel();
    peer.close();
  }
}

/** A connection in the shape of a socket for datagrams: it gives what comes, as it comes. */
async function openStream({ address, port }: Endpoint): Promise<UpstreamSocket> {
  const { signal } = new AbortController();
  const connection = await backendNetwork.connect({ hostname: address, port }, signal);
  let closed = false;
  return {
    async send(message) {
      for (let sent = 0; sent < message.length;) sent += await connection.write(message.subarray(sent));
    },
    async receive(buffer) {
      const count = await connection.read(buffer).catch(() => null);
      return count === null ? null : buffer.subarray(0, count);
    },
    close() {
      if (!closed) connection.close();
      closed = true;
    },
  };
}
