/**
 * Ports for servers that cannot listen on port 0 and say which one they got.
 *
 * @module
 */

/** Gives a port of 127.0.0.1 that nobody listened on a moment ago. */
export function freePort(transport: "tcp" | "udp" = "tcp"): number {
  using socket = transport === "tcp"
    ? Deno.listen({ hostname: "127.0.0.1", port: 0 })
    : disposable(Deno.listenDatagram({ transport, hostname: "127.0.0.1", port: 0 }));
  return (socket.addr as Deno.NetAddr).port;
}

/** The ports from which the system chooses those of clients begin after these on every usual system. */
const SERVER_PORTS = { first: 20_000, count: 10_000 };

/** Gives the first of so many consecutive ports of 127.0.0.1 that nobody had a moment ago, clients neither. */
export function freePorts(count: number): number {
  for (let attempt = 0; attempt < 100; attempt++) {
    const first = SERVER_PORTS.first + Math.floor(Math.random() * SERVER_PORTS.count);
    try {
      for (let i = 0; i < count; i++) Deno.listen({ hostname: "127.0.0.1", port: first + i }).close();
      return first;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  throw new Error(`Cannot find ${count} free ports in a row`);
}

/** True if something accepts TCP connections on that port of 127.0.0.1. */
export async function accepts(port: number): Promise<boolean> {
  try {
    using _connection = await Deno.connect({ hostname: "127.0.0.1", port });
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return false;
    throw error;
  }
}

function disposable(socket: Deno.DatagramConn): Disposable & { readonly addr: Deno.Addr } {
  return { addr: socket.addr, [Symbol.dispose]: () => socket.close() };
}
