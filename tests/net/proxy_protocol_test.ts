/**
 * The PROXY protocol on both sides: who is believed, and what a backend is told.
 */

import { assert, assertEquals } from "@std/assert";
import { encodeProxyV1, encodeProxyV2, parseProxyHeader } from "../../lib/protocol/proxy_protocol.ts";
import { concat, exchange, readAll } from "../support/conversation.ts";
import { eventually } from "../support/eventually.ts";
import { startEchoServer, startUdpEchoServer } from "../support/servers.ts";
import { passTo, startMultiplexer } from "./harness.ts";
import { resetAfter } from "./resetting.ts";

const source = { hostname: "192.0.2.7", port: 4711 };
const destination = { hostname: "198.51.100.1", port: 443 };
const hello = new TextEncoder().encode("hello");

const BELIEVED = "bind-address=127.0.0.1,proxy-protocol-from=127.0.0.0/8,proxy-protocol=";

for (const [version, encode] of [["v1", encodeProxyV1], ["v2", encodeProxyV2]] as const) {
  Deno.test(`the client of a trusted proxy is the one that its ${version} header names`, async () => {
    await using mirror = startEchoServer();
    await using running = await startMultiplexer({
      backends: [`${passTo(mirror)},remote-ip=192.0.2.0/24,local-ip=198.51.100.1`],
      bindings: [`!:?:tcp:${BELIEVED}require`],
    });
    const answer = await exchange(running.port, concat([encode({ source, destination }), hello]));
    assertEquals(new TextDecoder().decode(answer), "hello");
    const [routed] = running.observer.routedConnections;
    assertEquals(routed?.client.remote, { address: "192.0.2.7", port: 4711 });
    assertEquals(routed?.properties["proxy-protocol"], version);
  });

  Deno.test(`an IPv4-mapped client in a ${version} header is the IPv4 client`, async () => {
    await using mirror = startEchoServer();
    await using running = await startMultiplexer({
      backends: [passTo(mirror)],
      bindings: [`!:?:tcp:${BELIEVED}require`],
    });
    const mapped = (address: typeof source) => ({ ...address, hostname: `::ffff:${address.hostname}` });
    const header = encode({ source: mapped(source), destination: mapped(destination) });
    await exchange(running.port, concat([header, hello]));
    const [routed] = running.observer.routedConnections;
    assertEquals([routed?.client.remote.address, routed?.client.local.address], [
      "192.0.2.7",
      "198.51.100.1",
    ]);
  });
}

Deno.test("a header that comes byte by byte is read whole", async () => {
  await using mirror = startEchoServer();
  await using running = await startMultiplexer({
    backends: [`${passTo(mirror)},remote-ip=192.0.2.0/24`],
    bindings: [`!:?:tcp:${BELIEVED}require`],
  });
  const conn = await Deno.connect({ hostname: "127.0.0.1", port: running.port });
  conn.setNoDelay(true);
  for (const byte of concat([encodeProxyV2({ source, destination }), hello])) {
    await conn.write(Uint8Array.of(byte));
  }
  await conn.closeWrite();
  assertEquals(new TextDecoder().decode(await readAll(conn)), "hello");
  conn.close();
});

Deno.test("a header from a peer that is not trusted is an ordinary client's bytes", async () => {
  await using mirror = startEchoServer();
  await using running = await startMultiplexer({
    backends: [`${passTo(mirror)},remote-ip=127.0.0.1`],
    bindings: ["!:?:tcp:bind-address=127.0.0.1,proxy-protocol=accept,proxy-protocol-from=10.0.0.0/8"],
  });
  const sent = concat([encodeProxyV1({ source, destination }), hello]);
  assertEquals(await exchange(running.port, sent), sent);
});

Deno.test("where the header is required, a client without one is turned away", async () => {
  await using mirror = startEchoServer();
  await using running = await startMultiplexer({
    backends: [passTo(mirror)],
    bindings: [`!:?:tcp:${BELIEVED}require`],
  });
  assertEquals(await exchange(running.port, hello), new Uint8Array(0));
  assertEquals(running.observer.reasons[0], "negotiation_failed");
});

Deno.test("a proxy that breaks off in the middle of its header is gone", async () => {
  await using mirror = startEchoServer();
  await using running = await startMultiplexer({
    backends: [passTo(mirror)],
    bindings: [`!:?:tcp:${BELIEVED}require`],
  });
  const { multiplexer, observer } = running;
  await resetAfter(
    running.port,
    new TextEncoder().encode("PROXY T"),
    () => eventually(() => multiplexer.connections.length === 1),
  );
  await eventually(() => observer.refusals.length === 1);
  assertEquals(observer.reasons, ["client_gone"]);
});

Deno.test("where the header is accepted, a client without one is served as itself", async () => {
  await using mirror = startEchoServer();
  await using running = await startMultiplexer({
    backends: [passTo(mirror)],
    bindings: [`!:?:tcp:${BELIEVED}accept`],
  });
  assertEquals(await exchange(running.port, hello), hello);
});

for (const version of ["v1", "v2"] as const) {
  Deno.test(`a backend that asks for ${version} is told the client before its bytes`, async () => {
    await using mirror = startEchoServer();
    await using running = await startMultiplexer({
      backends: [`${passTo(mirror)},proxy-protocol=${version}`],
    });
    const answer = await exchange(running.port, hello);
    const { header } = parseProxyHeader(answer);
    assertEquals(header?.version, version === "v1" ? 1 : 2);
    assertEquals(header?.source?.hostname, "127.0.0.1");
    assertEquals(header?.destination, { hostname: "127.0.0.1", port: running.port });
    assertEquals(answer.subarray(header!.length), hello);
  });
}

Deno.test("what a trusted proxy tells of the client's TLS is told to a backend that asks for v2", async () => {
  await using mirror = startEchoServer();
  await using running = await startMultiplexer({
    backends: [`${passTo(mirror)},proxy-protocol=v2`],
    bindings: [`!:?:tcp:${BELIEVED}require`],
  });
  const told = {
    authority: "shop.example",
    alpn: "h2",
    ssl: {
      ssl: true,
      certificateOnConnection: false,
      certificateInSession: false,
      verified: false,
      version: "TLSv1.3",
    },
  };
  const header = encodeProxyV2({ source, destination, tlvs: told });
  const answer = await exchange(running.port, concat([header, hello]));
  assertEquals(parseProxyHeader(answer).header?.tlvs, told);
});

Deno.test("UDP: what a trusted proxy tells beside the client can be matched", async () => {
  await using echo = startUdpEchoServer();
  await using running = await startMultiplexer({
    backends: [`${passTo(echo)},property[proxy-protocol.authority]=shop.example`],
    bindings: [`!:?:udp:${BELIEVED}require`],
  });
  const proxy = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  try {
    const tlvs = { authority: "shop.example" };
    const header = encodeProxyV2({ source, destination, transport: "udp", tlvs });
    await proxy.send(concat([header, hello]), {
      transport: "udp",
      hostname: "127.0.0.1",
      port: running.port,
    });
    assertEquals((await proxy.receive())[0], hello);
    const [routed] = running.observer.routedConnections;
    assertEquals(routed?.learnt, { "proxy-protocol": "v2", "proxy-protocol.authority": "shop.example" });
  } finally {
    proxy.close();
  }
});

Deno.test("UDP: a trusted proxy's header names the client, and the answer goes back to the proxy", async () => {
  await using echo = startUdpEchoServer();
  await using running = await startMultiplexer({
    backends: [`${passTo(echo)},remote-ip=192.0.2.0/24`],
    bindings: [`!:?:udp:${BELIEVED}require`],
  });
  const proxy = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  try {
    const to = { transport: "udp", hostname: "127.0.0.1", port: running.port } as const;
    for (const client of [source, { hostname: "192.0.2.8", port: 1 }]) {
      await proxy.send(concat([encodeProxyV2({ source: client, destination, transport: "udp" }), hello]), to);
      assertEquals((await proxy.receive())[0], hello);
    }
    assertEquals(running.multiplexer.connections.map(({ client }) => client.remote.address), [
      "192.0.2.7",
      "192.0.2.8",
    ]);
  } finally {
    proxy.close();
  }
});

Deno.test("UDP: a backend that asks for v2 finds a header in every datagram", async () => {
  await using echo = startUdpEchoServer();
  await using running = await startMultiplexer({
    backends: [`${passTo(echo)},proxy-protocol=v2`],
    bindings: ["!:?:udp:bind-address=127.0.0.1"],
  });
  const client = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  try {
    for (let i = 0; i < 2; i++) {
      await client.send(hello, { transport: "udp", hostname: "127.0.0.1", port: running.port });
      const [answer] = await client.receive();
      const { header } = parseProxyHeader(answer);
      assert(header !== undefined);
      assertEquals([header.transport, header.source?.port], ["udp", (client.addr as Deno.NetAddr).port]);
      assertEquals(answer.subarray(header.length), hello);
    }
  } finally {
    client.close();
  }
});

Deno.test("a limit for each client is one for the clients that a trusted proxy names, not for the proxy", async () => {
  await using mirror = startEchoServer();
  await using running = await startMultiplexer({
    backends: [passTo(mirror)],
    bindings: [`!:?:tcp:${BELIEVED}require`],
    maxConnectionsPerClient: 1,
  });
  const connections: Deno.Conn[] = [];
  const connect = async (hostname: string) => {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port: running.port });
    connections.push(conn);
    return async () => {
      await conn.write(concat([encodeProxyV1({ source: { hostname, port: 1 }, destination }), hello]));
      return await conn.read(new Uint8Array(10));
    };
  };
  // All are there before the first has said for whom.
  const clients = ["192.0.2.1", "192.0.2.2", "192.0.2.3"];
  const speak = await Promise.all(clients.map(connect));
  assertEquals(await Promise.all(speak.map((it) => it())), [5, 5, 5]);
  assertEquals(await (await connect("192.0.2.3"))(), null);
  assertEquals(running.observer.reasons, ["too_many_connections_from_client"]);
  assertEquals(running.observer.refusedConnections[0]?.client.remote.address, "192.0.2.3");
  connections.forEach((conn) => conn.close());
});
