/**
 * The least that a relay in Deno can cost: no limits, conditions, choice, timeouts, logs or metrics. Beside it,
 * `compare.py` tells what of pmmux's cost is its own, on any machine:
 *
 *     tests/bench/compare.py --pmmux 'deno run -A --unstable-net tests/bench/bare_relay.ts'
 *
 * It takes the backends and bindings that `compare.py` gives, and nothing else.
 *
 * @module
 */

const HOSTNAME = "127.0.0.1";

for (const spec of Deno.args) {
  const [, port, target] = /local-port=(\d+),.*target\.port=(\d+)/.exec(spec)?.map(Number) ?? [];
  if (port === undefined || target === undefined) continue;
  relayConnections(port, target);
  if (!Deno.args.some((binding) => binding.startsWith(`!:${port}:tcp`))) relayDatagrams(port, target);
}

async function relayConnections(port: number, target: number): Promise<void> {
  const listener = Deno.listen({ hostname: HOSTNAME, port, tcpBacklog: 4096 });
  for await (const client of listener) relay(client, target).catch(() => {});
}

async function relay(client: Deno.TcpConn, port: number): Promise<void> {
  using _client = client;
  using backend = await Deno.connect({ hostname: HOSTNAME, port });
  await Promise.all([pump(client, backend), pump(backend, client)]);
}

async function pump(source: Deno.TcpConn, target: Deno.TcpConn): Promise<void> {
  let buffer = new Uint8Array(16 * 1024);
  for (let count; (count = await source.read(buffer)) !== null;) {
    for (let written = 0; written < count;) written += await target.write(buffer.subarray(written, count));
    if (count === buffer.length && count < 1024 * 1024) buffer = new Uint8Array(8 * count);
  }
  await target.closeWrite();
}

async function relayDatagrams(port: number, target: number): Promise<void> {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: HOSTNAME, port });
  const upstreams = new Map<string, Deno.DatagramConn>();
  const buffer = new Uint8Array(65_536);
  for (;;) {
    const [message, from] = await socket.receive(buffer);
    const client = from as Deno.NetAddr;
    let upstream = upstreams.get(`${client.hostname}|${client.port}`);
    if (upstream === undefined) {
      upstream = Deno.listenDatagram({ transport: "udp", hostname: HOSTNAME, port: 0 });
      upstreams.set(`${client.hostname}|${client.port}`, upstream);
      answer(upstream, socket, client);
    }
    await upstream.send(message, { transport: "udp", hostname: HOSTNAME, port: target });
  }
}

async function answer(
  upstream: Deno.DatagramConn,
  socket: Deno.DatagramConn,
  client: Deno.NetAddr,
): Promise<void> {
  for await (const [message] of upstream) await socket.send(message, client);
}
