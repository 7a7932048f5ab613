/**
 * The services that the demonstration puts behind one port, each on a loopback port of its own.
 *
 * @module
 */

import { silentObserver } from "../net/observer.ts";
import { TcpListener } from "../net/tcp_listener.ts";
import { UdpSocket } from "../net/udp_socket.ts";

const LOOPBACK = "127.0.0.1";

/** A TLS alert, fatal: handshake failure (RFC 5246 section 7.2). */
const HANDSHAKE_FAILURE = Uint8Array.of(21, 3, 3, 0, 2, 2, 40);

/** The services that run, by name. */
export interface DemoServices extends AsyncDisposable {
  /** The port of each. */
  readonly ports: Readonly<Record<string, number>>;
}

/** Starts them all: two HTTP servers, two that talk in lines and speak first, one for TLS, one for datagrams. */
export function startDemoServices(): DemoServices {
  const resources = new AsyncDisposableStack();
  const tcp = (serve: (conn: Deno.TcpConn) => Promise<void>) =>
    resources.use(tcpService(serve)).endpoint.port;
  const http = (name: string) => {
    const server = resources.use(httpService(name));
    return server.addr.port;
  };
  const ports = {
    ssh: tcp((conn) => talkInLines(conn, "SSH-2.0-pmmux_demo")),
    api: http("api"),
    web: http("web"),
    tls: tcp(refuseHandshake),
    lines: tcp((conn) => talkInLines(conn, "Hello, I speak first. Say something.")),
    echo: resources.use(echoService()).endpoint.port,
  };
  return { ports, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

function httpService(name: string): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: LOOPBACK, port: 0, onListen: () => {} }, ({ method, url, headers }) => {
    const { pathname } = new URL(url);
    return new Response(`Hello from ${name}: ${method} ${pathname} for ${headers.get("host")}\n`);
  });
}

function tcpService(serve: (conn: Deno.TcpConn) => Promise<void>): TcpListener {
  const onConnection = async (conn: Deno.TcpConn) => {
    try {
      await serve(conn);
    } catch {
      // The client left; the service is there for the next one.
    } finally {
      conn.close();
    }
  };
  const endpoint = { address: LOOPBACK, port: 0 };
  return new TcpListener({ endpoint, queueLength: 16, observer: silentObserver, onConnection });
}

function echoService(): UdpSocket {
  return new UdpSocket({
    endpoint: { address: LOOPBACK, port: 0 },
    observer: silentObserver,
    onMessage: async (socket, message, from) => void await socket.send(message, from),
  });
}

/** Speaks first, then repeats every line. */
async function talkInLines(conn: Deno.TcpConn, greeting: string): Promise<void> {
  await say(conn, greeting);
  const buffer = new Uint8Array(1024);
  const decoder = new TextDecoder();
  let rest = "";
  for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
    const lines = (rest + decoder.decode(buffer.subarray(0, count), { stream: true })).split(/\r?\n/);
    rest = lines.pop()!.slice(-buffer.length);
    for (const line of lines) await say(conn, `you said: ${line}`);
  }
}

/** A TLS server that lacks a certificate: it answers the first record with an alert. */
async function refuseHandshake(conn: Deno.TcpConn): Promise<void> {
  if (await conn.read(new Uint8Array(1024)) !== null) await conn.write(HANDSHAKE_FAILURE);
}

async function say(conn: Deno.TcpConn, line: string): Promise<void> {
  const bytes = new TextEncoder().encode(`${line}\r\n`);
  for (let written = 0; written < bytes.length;) written += await conn.write(bytes.subarray(written));
}
