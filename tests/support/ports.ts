/**
 * Ports for servers that cannot listen on port 0 and say which one they got.
 *
 * @module
 */

/** The ports from which the system chooses those of clients begin after these on every usual system. */
const SERVER_PORTS = { first: 20_000, count: 10_000 };
/** Two servers of one test must not be given the same port before the first of them listens. */
const given = new Set<number>();

/** Gives a port of 127.0.0.1 that nobody had a moment ago, and that was not given before. */
export function freePort(transport: "tcp" | "udp" = "tcp"): number {
  return freePorts(1, transport);
}

/** Gives the first of so many consecutive ports of 127.0.0.1 that nobody had a moment ago. */
export function freePorts(count: number, transport: "tcp" | "udp" = "tcp"): number {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const first = SERVER_PORTS.first + Math.floor(Math.random() * SERVER_PORTS.count);
    const ports = Array.from({ length: count }, (_, index) => first + index);
    if (!ports.every((port) => !given.has(port) && isFree(port, transport))) continue;
    for (const port of ports) given.add(port);
    return first;
  }
  throw new Error(`Cannot find ${count} free ports in a row`);
}

function isFree(port: number, transport: "tcp" | "udp"): boolean {
  const options = { hostname: "127.0.0.1", port };
  try {
    if (transport === "tcp") Deno.listen(options).close();
    else Deno.listenDatagram({ transport, ...options }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
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
