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
