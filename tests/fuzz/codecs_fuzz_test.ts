import { assert, assertEquals } from "@std/assert";
import { parseClientHello } from "../../lib/protocol/client_hello.ts";
import { dnsTcpDetector, dnsUdpDetector } from "../../lib/protocol/dns.ts";
import { dtlsDetector, parseDtlsClientHello } from "../../lib/protocol/dtls.ts";
import { parseHttpRequestHead } from "../../lib/protocol/http.ts";
import { http1Detector, parseRequestHead } from "../../lib/protocol/http1.ts";
import { parseHttp2RequestHead } from "../../lib/protocol/http2.ts";
import { parsePostgresStartup, postgresDetector } from "../../lib/protocol/postgres.ts";
import { encodeProxyV1, encodeProxyV2, parseProxyHeader } from "../../lib/protocol/proxy_protocol.ts";
import { quicDetector, QuicInitialReader } from "../../lib/protocol/quic.ts";
import { parseTlsClientHello, tlsDetector } from "../../lib/protocol/tls.ts";
import { securePackets } from "../fixtures/protocol/packets_secure.ts";
import { clientHello, tlsRecords } from "../support/client_hello.ts";
import { assertSplitStable, fuzzRounds, Random } from "../support/fuzz.ts";
import { SAMPLE_CRYPTO_FRAME, sealInitialPacket } from "../support/quic_initial.ts";
import { type Judge, verdictOf } from "../support/verdicts.ts";

const ROUNDS = fuzzRounds();

function recorded(...protocols: readonly string[]): readonly Uint8Array[] {
  return securePackets.filter(({ protocol }) => protocols.includes(protocol)).map(({ hex }) =>
    Uint8Array.fromHex(hex)
  );
}

const hellos = [
  clientHello({ sni: "example.com", alpn: ["h2", "http/1.1"], versions: [0x0304, 0x0a0a] }),
  ...recorded("tls").map((bytes) => bytes.subarray(5)),
];
const endpoints = {
  source: { hostname: "192.0.2.1", port: 40_000 },
  destination: { hostname: "2001:db8::2", port: 443 },
};
const tlvs = { alpn: "h2", authority: "example.com", uniqueId: Uint8Array.of(1) };

const streams: Readonly<Record<string, { readonly judge: Judge; readonly seeds: readonly Uint8Array[] }>> = {
  "ClientHello": { judge: verdictOf(parseClientHello), seeds: hellos },
  "TLS": { judge: verdictOf(parseTlsClientHello), seeds: recorded("tls") },
  "TLS in small records": {
    judge: verdictOf(parseTlsClientHello),
    seeds: hellos.map((hello) => tlsRecords(hello, { size: 7 })),
  },
  "TLS detector": { judge: tlsDetector.detect, seeds: recorded("tls") },
  "HTTP/1 detector": { judge: http1Detector.detect, seeds: recorded("http1") },
  "HTTP/1 head": { judge: verdictOf(parseRequestHead), seeds: recorded("http1") },
  "HTTP/2 head": { judge: verdictOf(parseHttp2RequestHead), seeds: recorded("http2") },
  "HTTP head": { judge: verdictOf(parseHttpRequestHead), seeds: recorded("http1", "http2") },
  "DNS over TCP": { judge: dnsTcpDetector.detect, seeds: recorded("dns") },
  "PostgreSQL detector": { judge: postgresDetector.detect, seeds: recorded("postgres") },
  "PostgreSQL startup": { judge: verdictOf(parsePostgresStartup), seeds: recorded("postgres") },
  "PROXY header": {
    judge: verdictOf(parseProxyHeader),
    seeds: [
      encodeProxyV1(endpoints),
      encodeProxyV2({ ...endpoints, tlvs }),
      encodeProxyV2({ ...endpoints, checksum: true }),
    ],
  },
};

for (const [name, { judge, seeds }] of Object.entries(streams)) {
  Deno.test({
    name: `${name}: no input throws, and no split changes a verdict`,
    permissions: "none",
    fn() {
      const random = new Random(name.length);
      for (let round = 0; round < ROUNDS; round++) {
        const bytes = round % 8 === 0 ? random.bytes(300) : random.mutate(random.pick(seeds));
        assertSplitStable(random, { judge, bytes });
      }
    },
  });
}

for (
  const detector of [
    tlsDetector,
    http1Detector,
    dnsTcpDetector,
    dnsUdpDetector,
    dtlsDetector,
    quicDetector,
    postgresDetector,
  ]
) {
  Deno.test({
    name: `the facts of ${detector.name} over ${detector.transport} never throw`,
    permissions: "none",
    fn() {
      const random = new Random(7);
      const seeds = recorded(detector.name);
      for (let round = 0; round < ROUNDS; round++) {
        const bytes = random.mutate(random.pick(seeds));
        const verdict = detector.detect(bytes);
        if (detector.transport === "udp") assert(verdict !== "incomplete");
        if (verdict === "match") detector.facts?.(bytes);
      }
    },
  });
}

Deno.test({
  name: "a DTLS datagram never throws and always decides",
  permissions: "none",
  fn() {
    const random = new Random(11);
    const seeds = recorded("dtls");
    for (let round = 0; round < ROUNDS; round++) {
      assert(parseDtlsClientHello(random.mutate(random.pick(seeds))).verdict !== "incomplete");
    }
  },
});

Deno.test({
  name: "a QUIC datagram never makes the reader throw",
  permissions: "none",
  async fn() {
    const random = new Random(13);
    const seeds = recorded("quic");
    for (let round = 0; round < ROUNDS; round++) {
      const reader = new QuicInitialReader();
      await reader.read(random.mutate(random.pick(seeds)));
      await reader.read(random.bytes(1300));
      assert(["match", "mismatch", "incomplete"].includes(reader.result.verdict));
    }
  },
});

Deno.test({
  name: "frames that authenticate but are nonsense never make the QUIC reader throw",
  permissions: "none",
  async fn() {
    const random = new Random(17);
    for (let round = 0; round < ROUNDS; round++) {
      const payload = random.mutate(SAMPLE_CRYPTO_FRAME);
      const datagram = await sealInitialPacket({ payload, size: 1200 });
      const reader = new QuicInitialReader();
      const { verdict } = await reader.read(datagram);
      const known = verdict !== "incomplete";
      assertEquals((await reader.read(datagram)).verdict, known ? verdict : "incomplete");
    }
  },
});
