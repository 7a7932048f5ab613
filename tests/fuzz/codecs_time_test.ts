import { assert } from "@std/assert";
import { parseClientHello } from "../../lib/protocol/client_hello.ts";
import { CryptoStream } from "../../lib/protocol/crypto_stream.ts";
import { dnsUdpDetector } from "../../lib/protocol/dns.ts";
import { parseRequestHead } from "../../lib/protocol/http1.ts";
import { parseHttp2RequestHead } from "../../lib/protocol/http2.ts";
import { parsePostgresStartup } from "../../lib/protocol/postgres.ts";
import { encodeProxyV2, parseProxyHeader } from "../../lib/protocol/proxy_protocol.ts";
import { readCryptoFrames } from "../../lib/protocol/quic_packet.ts";
import { parseTlsClientHello } from "../../lib/protocol/tls.ts";
import { clientHello, tlsRecords } from "../support/client_hello.ts";
import { leastMilliseconds } from "../support/fuzz.ts";
import { cryptoFrame } from "../support/quic_initial.ts";
import { bytesOf, join } from "../support/verdicts.ts";

const endpoints = {
  source: { hostname: "192.0.2.1", port: 40_000 },
  destination: { hostname: "192.0.2.2", port: 443 },
};

function many(piece: string, bytes: number): Uint8Array {
  return bytesOf(piece.repeat(Math.floor(bytes / piece.length)));
}

/** Inputs that make a careless reader take time out of proportion, for a number of bytes. */
const worstCases: Readonly<
  Record<string, readonly [run: (bytes: Uint8Array) => unknown, make: (size: number) => Uint8Array]>
> = {
  "a hello in records of one byte": [
    parseTlsClientHello,
    (size) => tlsRecords(clientHello({ extensions: [[99, new Uint8Array(size / 6)]] }), { size: 1 }),
  ],
  "a hello of empty extensions": [
    parseClientHello,
    (size) =>
      clientHello({ extensions: Array.from({ length: size / 4 }, () => [99, new Uint8Array()] as const) }),
  ],
  "a hello of one-letter protocols": [
    parseClientHello,
    (size) => clientHello({ alpn: Array.from({ length: size / 2 - 20 }, () => "x") }),
  ],
  "headers without end": [
    parseRequestHead,
    (size) => join(bytesOf("GET / HTTP/1.1\r\n"), many("a:\n", size)),
  ],
  "a target without end": [parseRequestHead, (size) => join(bytesOf("GET /"), many("?", size))],
  "pings without end": [
    parseHttp2RequestHead,
    (size) => join(bytesOf("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), many("\0\0\0\x04\0\0\0\0\0", size)),
  ],
  "a header block of additions": [
    parseHttp2RequestHead,
    (size) => {
      const block = many("\x40\x01a\x01b", size);
      const header = Uint8Array.of(0, block.length >> 8, block.length & 0xff, 1, 4, 0, 0, 0, 1);
      return join(bytesOf("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"), header, block);
    },
  ],
  "CRYPTO frames of one byte": [
    (payload) => {
      const stream = new CryptoStream({ limit: 65_536 });
      for (const { offset, data } of readCryptoFrames(payload) ?? []) stream.write(offset, data);
    },
    (size) =>
      join(
        ...Array.from({ length: size / 6 }, (_, i) => cryptoFrame({ offset: i * 2, data: Uint8Array.of(1) })),
      ),
  ],
  "acknowledged ranges without end": [
    readCryptoFrames,
    (size) => join(Uint8Array.of(2, 0, 0, 0xbf, 0xff, 0xff, 0xff), new Uint8Array(size)),
  ],
  "vectors of the PROXY protocol": [
    parseProxyHeader,
    (size) => {
      const bytes = join(encodeProxyV2(endpoints), many("\xe0\0\0", size));
      new DataView(bytes.buffer).setUint16(14, bytes.length - 16);
      return bytes;
    },
  ],
  "a startup message of parameters": [
    parsePostgresStartup,
    (size) => join(Uint8Array.of(0, 0, size >> 8, size & 0xff, 0, 3, 0, 0), many("a\0b\0", size)),
  ],
  "a name of many labels": [
    dnsUdpDetector.detect,
    (size) => join(bytesOf("\0\0\x01\0\0\x01\0\0\0\0\0\0"), many("\x01a", size)),
  ],
};

for (const [what, [run, make]] of Object.entries(worstCases)) {
  Deno.test({
    name: `time grows with the bytes, not faster: ${what}`,
    permissions: "none",
    fn() {
      const [small, large] = [make(2000), make(16_000)];
      run(small);
      const least = leastMilliseconds(() => run(small));
      // Eight times the bytes; the rest is room for a busy machine.
      assert(leastMilliseconds(() => run(large)) < 8 * 6 * least + 5);
    },
  });
}
