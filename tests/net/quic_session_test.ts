/**
 * UDP sessions whose first datagram does not decide: they are held, and replayed in order.
 */

import { assertEquals } from "@std/assert";
import { SAMPLE_CRYPTO_FRAME, sealInitialPacket } from "../support/quic_initial.ts";
import { eventually } from "../support/eventually.ts";
import { passTo, startMultiplexer, UDP } from "./harness.ts";

/** The ClientHello of the samples, which asks for example.com, in two datagrams. */
async function twoDatagrams(): Promise<[Uint8Array, Uint8Array]> {
  const hello = SAMPLE_CRYPTO_FRAME.subarray(4);
  const middle = 100;
  const frame = (offset: number, data: Uint8Array) =>
    Uint8Array.from([
      6,
      0x40 | (offset >> 8),
      offset & 0xff,
      0x40 | (data.length >> 8),
      data.length & 0xff,
      ...data,
    ]);
  return [
    await sealInitialPacket({ payload: frame(0, hello.subarray(0, middle)) }),
    await sealInitialPacket({ payload: frame(middle, hello.subarray(middle)), packetNumber: 1 }),
  ];
}

function listen(): Deno.DatagramConn {
  return Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
}

function portOf(socket: Deno.DatagramConn): number {
  return (socket.addr as Deno.NetAddr).port;
}

Deno.test("a QUIC ClientHello in two datagrams is routed by its server name, both datagrams in order", async () => {
  const [right, wrong, client] = [listen(), listen(), listen()];
  try {
    await using running = await startMultiplexer({
      backends: [
        `${passTo({ port: portOf(wrong) }, "wrong")},sni=other.example`,
        `${passTo({ port: portOf(right) }, "right")},sni=example.com`,
      ],
      bindings: [UDP],
    });
    const datagrams = await twoDatagrams();
    for (const datagram of datagrams) {
      await client.send(datagram, { transport: "udp", hostname: "127.0.0.1", port: running.port });
    }
    const received = [(await right.receive())[0], (await right.receive())[0]];
    const order = received.map((it) => datagrams.findIndex((datagram) => datagram.toHex() === it.toHex()));
    assertEquals(order, [0, 1]);
    const [session] = running.multiplexer.connections;
    assertEquals([session?.backend?.spec.name, session?.properties.sni], ["right", "example.com"]);
  } finally {
    for (const socket of [right, wrong, client]) socket.close();
  }
});

Deno.test("a QUIC client that never completes its ClientHello goes to the fallback when time is up", async () => {
  const [rest, client] = [listen(), listen()];
  try {
    await using running = await startMultiplexer({
      backends: ["named:noop:sni=example.com", passTo({ port: portOf(rest) }, "rest")],
      bindings: [UDP],
      selectionTimeout: 100,
    });
    const [first] = await twoDatagrams();
    await client.send(first, { transport: "udp", hostname: "127.0.0.1", port: running.port });
    assertEquals((await rest.receive())[0], first);
  } finally {
    rest.close();
    client.close();
  }
});

Deno.test("what is held for an undecided session is bounded", async () => {
  const client = listen();
  try {
    await using running = await startMultiplexer({
      backends: ["named:noop:sni=example.com"],
      bindings: [UDP],
      previewBufferLimit: 3000,
    });
    const [first] = await twoDatagrams();
    for (let i = 0; i < 5; i++) {
      await client.send(first, { transport: "udp", hostname: "127.0.0.1", port: running.port });
    }
    await eventually(() => running.observer.dropped === 3);
  } finally {
    client.close();
  }
});
