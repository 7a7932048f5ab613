import { assertEquals } from "@std/assert";
import type { ParsedClientHello } from "../../lib/protocol/client_hello.ts";
import { quicDetector, QuicInitialReader } from "../../lib/protocol/quic.ts";
import { securePackets } from "../fixtures/protocol/packets_secure.ts";
import { clientHello } from "../support/client_hello.ts";
import { cryptoFrame, SAMPLE_CRYPTO_FRAME, sealInitialPacket } from "../support/quic_initial.ts";
import { join } from "../support/verdicts.ts";

const hello = clientHello({
  sni: "large.example",
  alpn: ["h3"],
  versions: [0x0304],
  extensions: [[51, new Uint8Array(1500)]],
});

/** A CRYPTO frame with those bytes of the hello. */
function frame(from: number, to: number): Uint8Array {
  return cryptoFrame({ offset: from, data: hello.subarray(from, to) });
}

async function readAll(datagrams: readonly Uint8Array[]): Promise<ParsedClientHello> {
  const reader = new QuicInitialReader();
  for (const datagram of datagrams) await reader.read(datagram);
  return reader.result;
}

async function verdicts(datagrams: readonly Uint8Array[]): Promise<readonly string[]> {
  const reader = new QuicInitialReader();
  const seen: string[] = [];
  for (const datagram of datagrams) seen.push((await reader.read(datagram)).verdict);
  return seen;
}

for (
  const [name, sni, alpn, version] of [
    ["deno 2.9", "quic.example", "h3", "1"],
    ["client Initial of RFC 9001", "example.com", "alpn", "1"],
    ["client Initial of RFC 9369", "example.com", "alpn", "2"],
  ] as const
) {
  Deno.test({
    name: `a recorded Initial packet is opened: ${name}`,
    permissions: "none",
    async fn() {
      const packet = securePackets.find((packet) =>
        packet.protocol === "quic" && packet.name.startsWith(name)
      );
      const datagram = Uint8Array.fromHex(packet?.hex ?? "");
      assertEquals(quicDetector.facts?.(datagram), { "quic.version": version });
      const { verdict, hello } = await readAll([datagram]);
      assertEquals([verdict, hello?.sni, hello?.alpn], ["match", sni, [alpn]]);
    },
  });
}

Deno.test({
  name: "the packets that the tests make are those of RFC 9001 and RFC 9369",
  permissions: "none",
  async fn() {
    const payload = SAMPLE_CRYPTO_FRAME;
    const first = (await sealInitialPacket({ version: 1, packetNumber: 2, payload })).toHex();
    assertEquals(first.slice(0, 64), "c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11");
    assertEquals(first.slice(-32), "e221af44860018ab0856972e194cd934");
    const second = (await sealInitialPacket({ version: 2, packetNumber: 2, payload })).toHex();
    assertEquals(second.slice(0, 64), "d76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485");
    assertEquals(second.slice(-32), "a18b2faa745b6fe189cf772a9f84cbfc");
  },
});

Deno.test({
  name: "a hello over two datagrams is known with the second, in either order",
  permissions: "none",
  async fn() {
    const datagrams = [
      await sealInitialPacket({ packetNumber: 0, payload: frame(0, 1000) }),
      await sealInitialPacket({ packetNumber: 1, payload: frame(1000, hello.length) }),
    ];
    assertEquals(await verdicts(datagrams), ["incomplete", "match"]);
    assertEquals(await verdicts(datagrams.toReversed()), ["incomplete", "match"]);
    assertEquals((await readAll(datagrams)).hello?.sni, "large.example");
  },
});

Deno.test({
  name: "datagrams may be read at the same time",
  permissions: "none",
  async fn() {
    const reader = new QuicInitialReader();
    const datagrams = [
      await sealInitialPacket({ packetNumber: 0, payload: frame(0, 1000) }),
      await sealInitialPacket({ packetNumber: 1, payload: frame(1000, hello.length) }),
    ];
    await Promise.all(datagrams.map((datagram) => reader.read(datagram)));
    assertEquals(reader.result.hello?.sni, "large.example");
  },
});

Deno.test({
  name: "frames may come in any order, between others",
  permissions: "none",
  async fn() {
    const padding = new Uint8Array(3);
    const ping = Uint8Array.of(1);
    const payload = join(ping, frame(800, 1000), padding, frame(0, 300), ping, frame(250, 820));
    const rest = await sealInitialPacket({ packetNumber: 1, payload: frame(1000, hello.length) });
    const datagrams = [await sealInitialPacket({ payload }), rest];
    assertEquals(await verdicts(datagrams), ["incomplete", "match"]);
  },
});

Deno.test({
  name: "packets that share a datagram are all opened",
  permissions: "none",
  async fn() {
    const small = clientHello({ sni: "small.example" });
    const first = await sealInitialPacket({
      payload: cryptoFrame({ offset: 0, data: small.subarray(0, 20) }),
      size: 0,
    });
    const rest = cryptoFrame({ offset: 20, data: small.subarray(20) });
    const second = await sealInitialPacket({ packetNumber: 1, payload: rest, size: 1200 });
    assertEquals((await readAll([join(first, second)])).hello?.sni, "small.example");
  },
});

Deno.test({
  name: "a token and a long connection id are no obstacle",
  permissions: "none",
  async fn() {
    const payload = cryptoFrame({ offset: 0, data: clientHello({ sni: "token.example" }) });
    const destinationConnectionId = new Uint8Array(20).fill(7);
    for (const token of [new Uint8Array(40), new Uint8Array(300)]) {
      const datagram = await sealInitialPacket({ payload, token, destinationConnectionId });
      assertEquals((await readAll([datagram])).hello?.sni, "token.example");
    }
  },
});

Deno.test({
  name: "a first datagram that does not authenticate is no client",
  permissions: "none",
  async fn() {
    const datagram = await sealInitialPacket({ payload: frame(0, 1000) });
    datagram[600]! ^= 1;
    assertEquals(await verdicts([datagram]), ["mismatch"]);
    assertEquals(await verdicts([new Uint8Array(1200)]), ["mismatch"]);
    assertEquals(await verdicts([datagram.subarray(0, 1199)]), ["mismatch"]);
  },
});

Deno.test({
  name: "a later datagram that does not authenticate, or of another client, is ignored",
  permissions: "none",
  async fn() {
    const first = await sealInitialPacket({ payload: frame(0, 1000) });
    const forged = await sealInitialPacket({ packetNumber: 1, payload: frame(1000, 1200) });
    forged[600]! ^= 1;
    const destinationConnectionId = new Uint8Array(8);
    const other = await sealInitialPacket({ destinationConnectionId, payload: frame(5, 20) });
    const newer = await sealInitialPacket({ version: 2, payload: frame(5, 20) });
    const last = await sealInitialPacket({ packetNumber: 2, payload: frame(1000, hello.length) });
    const expected = ["incomplete", "incomplete", "incomplete", "incomplete", "incomplete", "match"];
    assertEquals(await verdicts([first, forged, other, newer, new Uint8Array(7), last]), expected);
  },
});

for (
  const [what, payload] of [
    [
      "contradicts itself",
      join(frame(0, 10), cryptoFrame({ offset: 5, data: new Uint8Array(5).fill(0xee) })),
    ],
    ["goes beyond 16 KiB", cryptoFrame({ offset: 16_380, data: new Uint8Array(5) })],
    ["is no ClientHello", cryptoFrame({ offset: 0, data: Uint8Array.of(2) })],
    ["holds a frame of application data", Uint8Array.of(0x08, 0x00)],
  ] as const
) {
  Deno.test({
    name: `a handshake that ${what} is no client's, whatever follows`,
    permissions: "none",
    async fn() {
      const good = await sealInitialPacket({ packetNumber: 1, payload: frame(0, 1000) });
      assertEquals(await verdicts([await sealInitialPacket({ payload }), good]), ["mismatch", "mismatch"]);
    },
  });
}

Deno.test({
  name: "a hello that does not end is given up after sixteen datagrams",
  permissions: "none",
  async fn() {
    const datagram = await sealInitialPacket({ payload: frame(0, 1000) });
    const seen = await verdicts(Array.from({ length: 18 }, () => datagram));
    assertEquals(seen, [...Array.from({ length: 16 }, () => "incomplete"), "mismatch", "mismatch"]);
  },
});

Deno.test({
  name: "reading leaves the datagram as it was",
  permissions: "none",
  async fn() {
    const datagram = await sealInitialPacket({ payload: SAMPLE_CRYPTO_FRAME });
    const copy = datagram.slice();
    await readAll([datagram]);
    assertEquals(datagram, copy);
  },
});
