/**
 * Servers on 127.0.0.1 that tests put behind pmmux, each with a port of its own and `await using`.
 *
 * @module
 */

import { concat, writeAll } from "./conversation.ts";

/** Where a test server listens. */
export interface TestServer extends AsyncDisposable {
  /** Always 127.0.0.1. */
  readonly hostname: string;
  /** The port that the operating system chose. */
  readonly port: number;
}

/** A TCP server that counts. */
export interface TcpTestServer extends TestServer {
  /** How many connections it has accepted. */
  readonly accepted: number;
  /** How many of them are open. */
  readonly open: number;
}

/** What a server does with one connection, which is closed afterwards. */
export type ConnectionHandler = (connection: Deno.TcpConn) => Promise<void>;

/** A TCP server that keeps what it is sent. */
export interface SinkServer extends TcpTestServer {
  /** What each connection has sent so far, in the order of their arrival. */
  readonly received: Uint8Array[];
}

const HOSTNAME = "127.0.0.1";

/** Serves every connection with the handler. */
export function startTcpServer(handler: ConnectionHandler): TcpTestServer {
  const listener = Deno.listen({ hostname: HOSTNAME, port: 0 });
  const connections = new Map<Deno.TcpConn, Promise<void>>();
  let accepted = 0;
  async function serve(connection: Deno.TcpConn): Promise<void> {
    try {
      await handler(connection);
    } catch (error) {
      if (!isGone(error)) throw error;
    } finally {
      connections.delete(connection);
      closeQuietly(connection);
    }
  }
  const accepting = (async () => {
    for (;;) {
      let connection: Deno.TcpConn;
      try {
        connection = await listener.accept();
      } catch (error) {
        // A client may have broken off before it was accepted.
        if (error instanceof Deno.errors.NotConnected) continue;
        if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) return;
        throw error;
      }
      accepted++;
      connections.set(connection, serve(connection));
    }
  })();
  return {
    hostname: HOSTNAME,
    port: listener.addr.port,
    get accepted() {
      return accepted;
    },
    get open() {
      return connections.size;
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting;
      const serving = [...connections.values()];
      for (const connection of connections.keys()) closeQuietly(connection);
      await Promise.all(serving);
    },
  };
}

/** Sends back what it is sent, and closes when the client does. */
export function startEchoServer(): TcpTestServer {
  return startTcpServer(echo);
}

/** Speaks first: sends the greeting, then echoes. */
export function startGreetingServer(greeting: string | Uint8Array): TcpTestServer {
  const bytes = typeof greeting === "string" ? new TextEncoder().encode(greeting) : greeting;
  return startTcpServer(async (connection) => {
    await writeAll(connection, bytes);
    await echo(connection);
  });
}

/** Keeps what it is sent and never says a word. */
export function startSinkServer(): SinkServer {
  const received: Uint8Array[] = [];
  const server = startTcpServer(async (connection) => {
    const index = received.push(new Uint8Array()) - 1;
    await consume(connection, (chunk) => {
      received[index] = concat([received[index]!, chunk]);
    });
  });
  return Object.defineProperty(server as SinkServer, "received", { value: received });
}

/** Sends every datagram back to where it came from. */
export function startUdpEchoServer(): TestServer {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: HOSTNAME, port: 0 });
  const serving = (async () => {
    for await (const [message, sender] of socket) await socket.send(message, sender);
  })();
  return {
    hostname: HOSTNAME,
    port: (socket.addr as Deno.NetAddr).port,
    async [Symbol.asyncDispose]() {
      socket.close();
      await serving;
    },
  };
}

function echo(connection: Deno.TcpConn): Promise<void> {
  return consume(connection, (chunk) => writeAll(connection, chunk));
}

async function consume(
  connection: Deno.TcpConn,
  take: (chunk: Uint8Array) => void | Promise<void>,
): Promise<void> {
  const buffer = new Uint8Array(16 * 1024);
  for (let count = await connection.read(buffer); count !== null; count = await connection.read(buffer)) {
    await take(buffer.subarray(0, count));
  }
}

/** True for what a read or write throws when the client is gone or the server was disposed. */
function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted ||
    error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe;
}

function closeQuietly(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // It was closed before.
  }
}
