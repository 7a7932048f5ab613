import { assert, assertEquals } from "@std/assert";
import {
  type ClientHello,
  clientHelloFacts,
  parseClientHello,
  parseClientHelloBody,
} from "../../lib/protocol/client_hello.ts";
import { clientHello, type ClientHelloParts, serverName } from "../support/client_hello.ts";
import { bytesOf, decide, join, present, verdictOf } from "../support/verdicts.ts";

function parse(parts: ClientHelloParts): ClientHello {
  return present(parseClientHello(clientHello(parts)).hello);
}

function rejects(parts: ClientHelloParts): void {
  assertEquals(parseClientHello(clientHello(parts)).verdict, "mismatch");
}

Deno.test({
  name: "a hello says server name, protocols and versions",
  permissions: "none",
  fn() {
    const hello = parse({ sni: "example.com", alpn: ["h2", "http/1.1"], versions: [0x0304, 0x0303] });
    assertEquals(hello, {
      sni: "example.com",
      alpn: ["h2", "http/1.1"],
      versions: [0x0304, 0x0303],
      ech: false,
    });
  },
});

Deno.test({
  name: "a server name loses its case and its trailing dot",
  permissions: "none",
  fn() {
    assertEquals(parse({ sni: "WWW.Example.COM." }).sni, "www.example.com");
    assertEquals(parse({ sni: "." }).sni, undefined);
  },
});

Deno.test({
  name: "a hello without extensions names nothing and offers the version of the message",
  permissions: "none",
  fn() {
    const hello = { sni: undefined, alpn: [], versions: [0x0301], ech: false };
    assertEquals(parse({ extended: false, legacyVersion: 0x0301 }), hello);
    assertEquals(parse({ legacyVersion: 0x0301 }), hello);
  },
});

Deno.test({
  name: "values that mean nothing are left out",
  permissions: "none",
  fn() {
    const grease = [0x0a0a, new Uint8Array()] as const;
    const hello = parse({
      extensions: [grease, [0xfafa, Uint8Array.of(0)]],
      alpn: ["\x1a\x1a", "h2"],
      versions: [0x7a7a, 0x0304],
    });
    assertEquals(hello.alpn, ["h2"]);
    assertEquals(hello.versions, [0x0304]);
  },
});

Deno.test({
  name: "an Encrypted ClientHello is noticed",
  permissions: "none",
  fn() {
    assertEquals(parse({ extensions: [[0xfe0d, new Uint8Array(200)]] }).ech, true);
  },
});

for (
  const [what, parts] of Object.entries<ClientHelloParts>({
    "two server_name extensions": { sni: "a.example", extensions: [[0, serverName("b.example")]] },
    "two names in one server_name extension": { extensions: [[0, serverName("a.example", "b.example")]] },
    "a server name with a NUL": { sni: "a.example\0b.example" },
    "a server name beyond ASCII": { sni: "ä.example" },
    "a server_name that is cut off": { extensions: [[0, serverName("a.example").subarray(0, 8)]] },
    "a server_name with bytes after its list": {
      extensions: [[0, join(serverName("a.example"), Uint8Array.of(0))]],
    },
    "two protocol lists": { alpn: ["h2"], extensions: [[16, Uint8Array.fromHex("0003026832")]] },
    "an empty protocol": { alpn: ["h2", ""] },
    "a protocol list that is cut off": { extensions: [[16, Uint8Array.fromHex("0003036832")]] },
    "a version that is cut off": { extensions: [[43, Uint8Array.of(3, 3, 4, 3)]] },
  })
) {
  Deno.test({ name: `a hello with ${what} is malformed`, permissions: "none", fn: () => rejects(parts) });
}

Deno.test({
  name: "a hello whose vectors do not fill it is malformed",
  permissions: "none",
  fn() {
    const body = clientHello({ sni: "example.com" }).subarray(4);
    for (let length = 0; length < body.length; length++) {
      const extensionless = length === 2 + 32 + 1 + 6 + 2;
      assertEquals(
        parseClientHelloBody(body.subarray(0, length)).verdict,
        extensionless ? "match" : "mismatch",
      );
    }
    assertEquals(parseClientHelloBody(join(body, Uint8Array.of(0))).verdict, "mismatch");
  },
});

Deno.test({
  name: "a hello is incomplete until its last byte, and what follows is ignored",
  permissions: "none",
  fn() {
    const bytes = clientHello({ sni: "example.com", versions: [0x0304] });
    const decision = decide(verdictOf(parseClientHello), join(bytes, bytesOf("more")));
    assertEquals(decision, { verdict: "match", after: bytes.length });
  },
});

Deno.test({
  name: "what is no hello, or more than 64 KiB of one, is told from its header",
  permissions: "none",
  fn() {
    assertEquals(decide(verdictOf(parseClientHello), Uint8Array.of(2, 0, 0, 4)), {
      verdict: "mismatch",
      after: 1,
    });
    assertEquals(decide(verdictOf(parseClientHello), Uint8Array.of(1, 1, 0, 0)), {
      verdict: "mismatch",
      after: 4,
    });
  },
});

Deno.test({
  name: "the cookie of DTLS is skipped",
  permissions: "none",
  fn() {
    const body = clientHello({ sni: "example.com" }).subarray(4);
    const sessionEnd = 2 + 32 + 1;
    const withCookie = join(body.subarray(0, sessionEnd), Uint8Array.of(2, 7, 7), body.subarray(sessionEnd));
    assertEquals(parseClientHelloBody(withCookie, { cookie: true }).hello?.sni, "example.com");
    assertEquals(parseClientHelloBody(withCookie).verdict, "mismatch");
  },
});

Deno.test({
  name: "the facts name the newest version, whatever the client's order",
  permissions: "none",
  fn() {
    const facts = clientHelloFacts(
      parse({ sni: "a.example", alpn: ["h2", "h3"], versions: [0x0303, 0x0304] }),
    );
    assertEquals(facts, { sni: "a.example", alpn: "h2;h3", "tls.version": "1.3", ech: "false" });
    const dtls = clientHelloFacts(parse({ versions: [0xfefd, 0xfefc] }));
    assertEquals(dtls["tls.version"], "dtls1.3");
    assert(!("sni" in dtls) && !("alpn" in dtls));
  },
});
