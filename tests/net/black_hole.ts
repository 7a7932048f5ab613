/** A TCP port of 127.0.0.1 that answers no dial: its accept queue is full, and nobody accepts. */
export async function blackHole(): Promise<AsyncDisposable & { readonly port: number }> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 1 });
  const { port } = listener.addr;
  const queued: Deno.TcpConn[] = [];
  for (;;) {
    const connection = await connectSoon(port);
    if (connection === undefined) break;
    queued.push(connection);
  }
  return {
    port,
    [Symbol.asyncDispose](): Promise<void> {
      for (const connection of queued) connection.close();
      listener.close();
      return Promise.resolve();
    },
  };
}

/** Connects, unless that takes long: the queue is full then. */
async function connectSoon(port: number): Promise<Deno.TcpConn | undefined> {
  try {
    return await Deno.connect({ hostname: "127.0.0.1", port, signal: AbortSignal.timeout(200) });
  } catch {
    return undefined;
  }
}
