import { http1Detector, parseRequestHead } from "../../lib/protocol/http1.ts";
import { parseHttp2RequestHead } from "../../lib/protocol/http2.ts";
import { QuicInitialReader } from "../../lib/protocol/quic.ts";
import { parseTlsClientHello, tlsDetector } from "../../lib/protocol/tls.ts";
import { securePackets } from "../fixtures/protocol/packets_secure.ts";

function recorded(protocol: string, name: string): Uint8Array {
  const packet = securePackets.find((packet) => packet.protocol === protocol && packet.name.startsWith(name));
  return Uint8Array.fromHex(packet?.hex ?? "");
}

const typical = recorded("tls", "curl 7.88");
const postQuantum = recorded("tls", "node 24");
const get = recorded("http1", "curl 7.88, GET");
const prior = recorded("http2", "curl 7.88, GET");
const initial = recorded("quic", "deno 2.9");

Deno.bench("detect TLS", { group: "detect" }, () => {
  tlsDetector.detect(typical);
});

Deno.bench("detect HTTP/1", { group: "detect" }, () => {
  http1Detector.detect(get);
});

Deno.bench("parse a ClientHello of 517 bytes", { group: "parse", baseline: true }, () => {
  parseTlsClientHello(typical);
});

Deno.bench("parse a post-quantum ClientHello of 1605 bytes", { group: "parse" }, () => {
  parseTlsClientHello(postQuantum);
});

Deno.bench("parse an HTTP/1 request head", { group: "parse" }, () => {
  parseRequestHead(get);
});

Deno.bench("parse the first HTTP/2 request", { group: "parse" }, () => {
  parseHttp2RequestHead(prior);
});

Deno.bench("open a QUIC Initial packet", { group: "quic" }, async () => {
  await new QuicInitialReader().read(initial);
});
