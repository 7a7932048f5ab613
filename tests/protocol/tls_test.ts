import { assertEquals } from "@std/assert";
import { CLIENT_HELLO_BUDGET } from "../../lib/protocol/client_hello.ts";
import { parseTlsClientHello, tlsDetector } from "../../lib/protocol/tls.ts";
import { securePackets } from "../fixtures/protocol/packets_secure.ts";
import { clientHello, tlsRecords } from "../support/client_hello.ts";
import { bytesOf, decide, join, present, verdictOf } from "../support/verdicts.ts";

const judge = verdictOf(parseTlsClientHello);

function recorded(name: string): Uint8Array {
  const packet = securePackets.find((packet) => packet.protocol === "tls" && packet.name.startsWith(name));
  return Uint8Array.fromHex(present(packet).hex);
}

Deno.test({
  name: "TLS is recognised by six bytes",
  permissions: "none",
  fn() {
    const decision = decide(tlsDetector.detect, tlsRecords(clientHello({ sni: "example.com" })));
    assertEquals(decision, { verdict: "match", after: 6 });
  },
});

for (
  const [what, hex, after] of [
    ["an alert", "15030100020228", 1],
    ["SSL 2.0 that offers nothing newer", "802e0100020015000000107f7f7f", 4],
    ["a record of version 2", "160200", 2],
    ["a record of version 3.5", "160305", 3],
    ["an overlong record", "1603014001", 5],
    ["an empty record", "1603010000", 5],
    ["a ServerHello", "160303003a02", 6],
    ["a binary memcached request", "80000003", 3],
    ["a hello in SSL 2.0 framing of version 3.5", "802e010305", 5],
    ["a hello in SSL 2.0 framing whose lengths do not add up", "802e010303000600000020", 11],
  ] as const
) {
  Deno.test({
    name: `${what} is no TLS client, after ${after} bytes`,
    permissions: "none",
    fn() {
      const bytes = Uint8Array.fromHex(hex);
      assertEquals(decide(tlsDetector.detect, bytes), { verdict: "mismatch", after });
      assertEquals(decide(judge, bytes), { verdict: "mismatch", after });
    },
  });
}

for (
  const [name, facts] of [
    ["openssl 3.0, TLS 1.3, Example.COM", { sni: "example.com", alpn: "h2;http/1.1", "tls.version": "1.3" }],
    ["openssl 3.0, TLS 1.3, no server name", { "tls.version": "1.3" }],
    ["openssl 3.0, TLS 1.2, mail.example.com", { sni: "mail.example.com", "tls.version": "1.2" }],
    ["curl 7.88", { sni: "web.example", alpn: "h2;http/1.1", "tls.version": "1.3" }],
    ["deno 2.9", { sni: "localhost", alpn: "h2", "tls.version": "1.3" }],
    ["node 20", { sni: "node.example", alpn: "postgresql", "tls.version": "1.3" }],
    ["node 24", { sni: "pq.example", alpn: "h2;http/1.1", "tls.version": "1.3" }],
    ["psql 15", { "tls.version": "1.3" }],
    ["hello without extensions", { "tls.version": "1.2" }],
    ["hello in SSL 2.0 framing", { "tls.version": "1.2" }],
  ] as const
) {
  Deno.test({
    name: `a recorded hello gives its facts, with its last byte: ${name}`,
    permissions: "none",
    fn() {
      const bytes = recorded(name);
      assertEquals(tlsDetector.facts?.(bytes), { ech: "false", ...facts });
      assertEquals(decide(judge, bytes), { verdict: "match", after: bytes.length });
      assertEquals(tlsDetector.facts?.(bytes.subarray(0, bytes.length - 1)), {});
    },
  });
}

for (const size of [1, 2, 3, 4, 5, 100]) {
  Deno.test({
    name: `a hello is put together from records of ${size} bytes`,
    permissions: "none",
    fn() {
      const bytes = tlsRecords(clientHello({ sni: "example.com", alpn: ["h2"] }), { size });
      assertEquals(decide(judge, bytes), { verdict: "match", after: bytes.length });
      assertEquals(parseTlsClientHello(bytes).hello?.sni, "example.com");
    },
  });
}

Deno.test({
  name: "a post-quantum hello is larger than a segment, and arrives in several",
  permissions: "none",
  fn() {
    const bytes = recorded("node 24");
    assertEquals(bytes.length > 1448, true);
    assertEquals(parseTlsClientHello(bytes.subarray(0, 1448)).verdict, "incomplete");
  },
});

Deno.test({
  name: "a record of another kind within a hello ends it",
  permissions: "none",
  fn() {
    const records = tlsRecords(clientHello({ sni: "example.com" }), { size: 40 });
    const interrupted = join(records.subarray(0, 45), Uint8Array.of(0x15, 3, 3, 0, 2, 1, 0));
    assertEquals(decide(judge, interrupted), { verdict: "mismatch", after: 46 });
  },
});

Deno.test({
  name: "what follows a hello does not matter",
  permissions: "none",
  fn() {
    for (const size of [50, 16_384]) {
      const hello = tlsRecords(clientHello({ sni: "example.com" }), { size });
      assertEquals(decide(judge, join(hello, bytesOf("junk"))), { verdict: "match", after: hello.length });
    }
  },
});

Deno.test({
  name: "a hello may fill the budget and not go beyond",
  permissions: "none",
  fn() {
    const size = 4096;
    const records = Math.floor(CLIENT_HELLO_BUDGET / (size + 5));
    const overhead = clientHello({ extensions: [[65_280, new Uint8Array()]] }).length;
    const padding = new Uint8Array(records * size - overhead);
    const largest = tlsRecords(clientHello({ extensions: [[65_280, padding]] }), { size });
    assertEquals(judge(largest), "match");
    const slow = tlsRecords(clientHello({ extensions: [[65_280, padding]] }), { size: 50 });
    assertEquals(judge(slow.subarray(0, CLIENT_HELLO_BUDGET - 1)), "incomplete");
    assertEquals(judge(slow.subarray(0, CLIENT_HELLO_BUDGET)), "mismatch");
    assertEquals(judge(slow), "mismatch");
  },
});
