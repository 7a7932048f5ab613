import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  encodeProxyV1,
  encodeProxyV2,
  parseProxyHeader,
  type ProxyHeader,
  type ProxyTlvs,
  type ProxyV2Options,
} from "../../lib/protocol/proxy_protocol.ts";
import { bytesOf, decide, join, present, verdictOf } from "../support/verdicts.ts";

const judge = verdictOf(parseProxyHeader);

const IPV4 = { hostname: "192.0.2.1", port: 56324 };
const IPV4_LOCAL = { hostname: "198.51.100.7", port: 443 };
const IPV6 = { hostname: "2001:db8::1", port: 0 };
const IPV6_LOCAL = { hostname: "::1", port: 65535 };

const SIGNATURE = "0d0a0d0a000d0a515549540a";
const ADDRESSES = "c0000201" + "c6336407" + "dc04" + "01bb";

function parse(bytes: Uint8Array): ProxyHeader {
  return present(parseProxyHeader(bytes).header);
}

Deno.test({
  name: "a line of version 1 says both ends and its own length",
  permissions: "none",
  fn() {
    const line = "PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n";
    assertEquals(parse(bytesOf(line + "GET /")), {
      version: 1,
      command: "PROXY",
      transport: "tcp",
      source: IPV4,
      destination: IPV4_LOCAL,
      tlvs: {},
      length: line.length,
    });
    assertEquals(decide(judge, bytesOf(line + "GET /")), { verdict: "match", after: line.length });
  },
});

Deno.test({
  name: "an IPv6 address of version 1 is given in its shortest form",
  permissions: "none",
  fn() {
    const { source } = parse(bytesOf("PROXY TCP6 2001:DB8:0:0:0:0:0:1 ::1 0 65535\r\n"));
    assertEquals(source, IPV6);
  },
});

for (const line of ["PROXY UNKNOWN\r\n", `PROXY UNKNOWN ${"f".repeat(91)}\r\n`]) {
  Deno.test({
    name: `UNKNOWN of ${line.length} bytes keeps the real peer`,
    permissions: "none",
    fn() {
      assertEquals(parse(bytesOf(line)), { version: 1, command: "PROXY", tlvs: {}, length: line.length });
    },
  });
}

for (
  const line of [
    "PROXY TCP4 192.0.2.1 198.51.100.7 56324\r\n",
    "PROXY TCP4 192.0.2.1 198.51.100.7 56324 443 \r\n",
    "PROXY TCP4  192.0.2.1 198.51.100.7 56324 443\r\n",
    "PROXY TCP4 192.0.2.01 198.51.100.7 56324 443\r\n",
    "PROXY TCP4 192.0.2.256 198.51.100.7 56324 443\r\n",
    "PROXY TCP4 192.0.2 198.51.100.7 56324 443\r\n",
    "PROXY TCP4 192.0.2.1 198.51.100.7 056324 443\r\n",
    "PROXY TCP4 192.0.2.1 198.51.100.7 65536 443\r\n",
    "PROXY TCP4 192.0.2.1 198.51.100.7 +1 443\r\n",
    "PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\n",
    "PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\rX",
    "PROXY TCP4 2001:db8::1 ::1 56324 443\r\n",
    "PROXY TCP6 192.0.2.1 198.51.100.7 56324 443\r\n",
    "PROXY TCP6 ::ffff:192.0.2.1 ::1 56324 443\r\n",
    "PROXY TCP6 1::2::3 ::1 56324 443\r\n",
    "PROXY TCP6 fe80::1%eth0 ::1 56324 443\r\n",
    "PROXY UDP4 192.0.2.1 198.51.100.7 56324 443\r\n",
    "PROXY UNKNOWNX\r\n",
    "PROXY \0",
    "proxy TCP4 192.0.2.1 198.51.100.7 56324 443\r\n",
    `PROXY UNKNOWN ${"f".repeat(92)}\r\n`,
    "GET / HTTP/1.1\r\n",
  ]
) {
  Deno.test({
    name: `a line that deviates is no header: ${JSON.stringify(line)}`,
    permissions: "none",
    fn() {
      assertEquals(decide(judge, bytesOf(line)).verdict, "mismatch");
    },
  });
}

Deno.test({
  name: "a line without end is given up after 107 bytes",
  permissions: "none",
  fn() {
    const endless = bytesOf("PROXY UNKNOWN ".padEnd(200, "f"));
    assertEquals(decide(judge, endless), { verdict: "mismatch", after: 107 });
  },
});

Deno.test({
  name: "version 1 is written as the specification has it",
  permissions: "none",
  fn() {
    const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
    const plain = text(encodeProxyV1({ source: IPV4, destination: IPV4_LOCAL }));
    assertEquals(plain, "PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n");
    const mixed = text(encodeProxyV1({ source: IPV4, destination: IPV6_LOCAL }));
    assertEquals(mixed, "PROXY TCP6 ::ffff:c000:201 ::1 56324 65535\r\n");
    assertEquals(text(encodeProxyV1({})), "PROXY UNKNOWN\r\n");
    assertThrows(() => encodeProxyV1({ source: { hostname: "localhost", port: 1 }, destination: IPV4 }));
  },
});

for (const [source, destination] of [[IPV4, IPV4_LOCAL], [IPV6, IPV6_LOCAL]] as const) {
  Deno.test({
    name: `what version 1 writes it reads: ${source.hostname}`,
    permissions: "none",
    fn() {
      const bytes = encodeProxyV1({ source, destination });
      const header = parse(bytes);
      assertEquals([header.source, header.destination, header.length], [source, destination, bytes.length]);
    },
  });
}

Deno.test({
  name: "version 2 is written as the specification has it",
  permissions: "none",
  fn() {
    const plain = encodeProxyV2({ source: IPV4, destination: IPV4_LOCAL });
    assertEquals(plain.toHex(), SIGNATURE + "21" + "11" + "000c" + ADDRESSES);
    assertEquals(encodeProxyV2({}).toHex(), SIGNATURE + "20" + "00" + "0000");
    const udp = encodeProxyV2({
      source: IPV4,
      destination: IPV4_LOCAL,
      transport: "udp",
      tlvs: { alpn: "h2" },
    });
    assertEquals(udp.toHex(), SIGNATURE + "21" + "12" + "0011" + ADDRESSES + "01" + "0002" + "6832");
    const ssl = { ssl: true, certificateOnConnection: false, certificateInSession: false, verified: false };
    const tlvs = { ssl: { ...ssl, version: "TLSv1.3" } };
    const secure = encodeProxyV2({ source: IPV4, destination: IPV4_LOCAL, tlvs });
    const vector = "20" + "000f" + "01" + "00000001" + "21" + "0007" + "544c5376312e33";
    assertEquals(secure.toHex(), SIGNATURE + "21" + "11" + "001e" + ADDRESSES + vector);
  },
});

const everything: ProxyTlvs = {
  alpn: "h2",
  authority: "example.com",
  uniqueId: Uint8Array.of(1, 2, 3),
  ssl: {
    ssl: true,
    certificateOnConnection: true,
    certificateInSession: false,
    verified: true,
    version: "TLSv1.3",
    commonName: "Zoë",
    cipher: "TLS_AES_128_GCM_SHA256",
  },
  networkNamespace: "blue",
};

for (
  const [what, options] of Object.entries<ProxyV2Options>({
    "TCP over IPv4": { source: IPV4, destination: IPV4_LOCAL },
    "UDP over IPv6": { source: IPV6, destination: IPV6_LOCAL, transport: "udp" },
    "all vectors": { source: IPV4, destination: IPV4_LOCAL, tlvs: everything },
    "a checksum": { source: IPV6, destination: IPV6_LOCAL, checksum: true },
    "all vectors and a checksum": { source: IPV4, destination: IPV4_LOCAL, tlvs: everything, checksum: true },
  })
) {
  Deno.test({
    name: `what version 2 writes it reads, with its last byte: ${what}`,
    permissions: "none",
    fn() {
      const bytes = encodeProxyV2(options);
      const { source, destination, transport = "tcp", tlvs = {} } = options;
      const header = {
        version: 2,
        command: "PROXY",
        transport,
        source,
        destination,
        tlvs,
        length: bytes.length,
      };
      assertEquals(parse(join(bytes, bytesOf("more"))), header as ProxyHeader);
      assertEquals(decide(judge, join(bytes, bytesOf("more"))), { verdict: "match", after: bytes.length });
    },
  });
}

Deno.test({
  name: "LOCAL keeps the real peer, whatever its block says",
  permissions: "none",
  fn() {
    const expected = { version: 2, command: "LOCAL", tlvs: {}, length: 28 } as const;
    assertEquals(parse(Uint8Array.fromHex(SIGNATURE + "20" + "11" + "000c" + ADDRESSES)), expected);
    assertEquals(parse(Uint8Array.fromHex(SIGNATURE + "20" + "ff" + "000c" + ADDRESSES)), expected);
  },
});

Deno.test({
  name: "families without IP addresses keep the real peer, and their vectors count",
  permissions: "none",
  fn() {
    const unspecified = parse(Uint8Array.fromHex(SIGNATURE + "21" + "00" + "0005" + "0100026833"));
    assertEquals([unspecified.source, unspecified.tlvs], [undefined, { alpn: "h3" }]);
    const unix = parse(Uint8Array.fromHex(SIGNATURE + "21" + "31" + "00d8" + "2f".repeat(216)));
    assertEquals([unix.source, unix.transport, unix.length], [undefined, undefined, 232]);
  },
});

Deno.test({
  name: "vectors of unknown types, and those that do nothing, are skipped",
  permissions: "none",
  fn() {
    const vectors = "e0000100" + "04000200ff" + "0100026832";
    const { tlvs } = parse(Uint8Array.fromHex(SIGNATURE + "21" + "11" + "001a" + ADDRESSES + vectors));
    assertEquals(tlvs, { alpn: "h2" });
  },
});

for (
  const [what, hex, after] of [
    ["another signature", "0d0a0d0a000d0a515549540b", 12],
    ["version 1", SIGNATURE + "11", 13],
    ["an unknown command", SIGNATURE + "22", 13],
    ["an unknown family", SIGNATURE + "2141", 14],
    ["an unknown transport", SIGNATURE + "2113", 14],
    ["less than its addresses", SIGNATURE + "2111" + "000b", 16],
    ["less than its IPv6 addresses", SIGNATURE + "2121" + "0023", 16],
    ["more than 16 KiB", SIGNATURE + "2111" + "4000", 16],
    ["a vector that is cut off", SIGNATURE + "2111" + "0010" + ADDRESSES + "01000268", 32],
    ["a checksum of three bytes", SIGNATURE + "2111" + "0012" + ADDRESSES + "030003000000", 34],
    ["a wrong checksum", SIGNATURE + "2111" + "0013" + ADDRESSES + "03000400000000", 35],
    ["too little about TLS", SIGNATURE + "2111" + "0013" + ADDRESSES + "20000401000000", 35],
  ] as const
) {
  Deno.test({
    name: `a header of version 2 with ${what} is none, after ${after} bytes`,
    permissions: "none",
    fn() {
      assertEquals(decide(judge, Uint8Array.fromHex(hex)), { verdict: "mismatch", after });
    },
  });
}

Deno.test({
  name: "a checksum covers every byte",
  permissions: "none",
  fn() {
    const bytes = encodeProxyV2({
      source: IPV4,
      destination: IPV4_LOCAL,
      tlvs: { alpn: "h2" },
      checksum: true,
    });
    for (let at = 16; at < bytes.length; at++) {
      const changed = bytes.slice();
      changed[at]! ^= 0x40;
      const { header } = parseProxyHeader(changed);
      // A changed type turns the checksum itself into an unknown vector.
      assert(header === undefined || at === bytes.length - 7, `byte ${at}`);
    }
  },
});

Deno.test({
  name: "a unique identifier of more than 128 bytes is refused, both ways",
  permissions: "none",
  fn() {
    const options = { source: IPV4, destination: IPV4_LOCAL, tlvs: { uniqueId: new Uint8Array(129) } };
    assertThrows(() => encodeProxyV2(options), RangeError, "129 bytes");
    const vector = "05" + "0081" + "00".repeat(129);
    assertEquals(
      judge(Uint8Array.fromHex(SIGNATURE + "21" + "11" + "0090" + ADDRESSES + vector)),
      "mismatch",
    );
  },
});
