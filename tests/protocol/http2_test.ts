import { assertEquals } from "@std/assert";
import { parseHttpRequestHead } from "../../lib/protocol/http.ts";
import { http2Detector, parseHttp2RequestHead } from "../../lib/protocol/http2.ts";
import { REQUEST_HEAD_BUDGET } from "../../lib/protocol/request_head.ts";
import { securePackets } from "../fixtures/protocol/packets_secure.ts";
import { bytesOf, decide, join, verdictOf } from "../support/verdicts.ts";

const PREFACE = bytesOf("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const SETTINGS = Uint8Array.fromHex("000000040000000000");
/** GET http://www.example.com/ (RFC 7541 appendix C.3.1). */
const BLOCK = Uint8Array.fromHex("828684410f7777772e6578616d706c652e636f6d");
const EXPECTED = {
  method: "GET",
  target: "/",
  version: "2",
  path: "/",
  authority: "www.example.com",
  host: "www.example.com",
};
const judge = verdictOf(parseHttp2RequestHead);

interface FrameParts {
  readonly flags?: number;
  readonly stream?: number;
  readonly payload?: Uint8Array;
}

function frame(type: number, { flags = 0, stream = 0, payload = new Uint8Array() }: FrameParts): Uint8Array {
  const length = [payload.length >> 16, payload.length >> 8, payload.length].map((byte) => byte & 0xff);
  return Uint8Array.from([...length, type, flags, 0, 0, 0, stream, ...payload]);
}

Deno.test({
  name: "HTTP/2 is recognised by its preface",
  permissions: "none",
  fn() {
    assertEquals(decide(http2Detector.detect, join(PREFACE, SETTINGS)), { verdict: "match", after: 24 });
    assertEquals(decide(http2Detector.detect, bytesOf("PRI * HTTP/2.0\r\n\r\nSN")), {
      verdict: "mismatch",
      after: 20,
    });
  },
});

for (
  const [name, expected] of [
    ["curl 7.88, GET with a query", {
      method: "GET",
      target: "/api/v1?x=1",
      path: "/api/v1",
      authority: "h2.example",
      host: "h2.example",
    }],
    ["curl 7.88, POST with a body", {
      method: "POST",
      target: "/submit",
      path: "/submit",
      authority: "localhost:21002",
      host: "localhost",
    }],
  ] as const
) {
  Deno.test({
    name: `a recorded request gives its head: ${name}`,
    permissions: "none",
    fn() {
      const packet = securePackets.find((packet) => packet.protocol === "http2" && packet.name === name);
      const bytes = Uint8Array.fromHex(packet?.hex ?? "");
      assertEquals(parseHttp2RequestHead(bytes), { verdict: "match", head: { version: "2", ...expected } });
      assertEquals(decide(judge, bytes).verdict, "match");
      const { method, target, host } = expected;
      const facts = { "http.method": method, "http.target": target, "http.host": host };
      assertEquals(http2Detector.facts?.(bytes), facts);
    },
  });
}

const priority = Uint8Array.of(0, 0, 0, 0, 16);
for (
  const [what, frames] of Object.entries({
    "a plain frame": [frame(1, { flags: 0x05, stream: 1, payload: BLOCK })],
    "padding and priority": [
      frame(1, {
        flags: 0x2c,
        stream: 1,
        payload: join(Uint8Array.of(2), priority, BLOCK, new Uint8Array(2)),
      }),
    ],
    "continuations": [
      frame(1, { stream: 3, payload: BLOCK.subarray(0, 3) }),
      frame(9, { stream: 3, payload: BLOCK.subarray(3, 9) }),
      frame(9, { flags: 0x04, stream: 3, payload: BLOCK.subarray(9) }),
    ],
    "other frames before": [
      frame(4, { flags: 0x01 }),
      frame(8, { payload: Uint8Array.of(0, 0, 1, 0) }),
      frame(2, { stream: 3, payload: priority }),
      frame(6, { payload: new Uint8Array(8) }),
      frame(0x42, { payload: bytesOf("extension") }),
      frame(1, { flags: 0x04, stream: 1, payload: BLOCK }),
    ],
  })
) {
  Deno.test({
    name: `the first request is found with its last byte: ${what}`,
    permissions: "none",
    fn() {
      const request = join(PREFACE, SETTINGS, ...frames);
      const bytes = join(request, frame(0, { stream: 1, payload: bytesOf("body") }));
      assertEquals(decide(judge, bytes), { verdict: "match", after: request.length });
      assertEquals(parseHttp2RequestHead(bytes).head, EXPECTED);
    },
  });
}

for (
  const [what, frames] of Object.entries({
    "something else than SETTINGS first": [frame(8, { payload: Uint8Array.of(0, 0, 1, 0) })],
    "DATA before HEADERS": [SETTINGS, frame(0, { stream: 1 })],
    "CONTINUATION before HEADERS": [SETTINGS, frame(9, { stream: 1 })],
    "an overlong frame": [SETTINGS, Uint8Array.fromHex("004001080000000000")],
    "HEADERS on the connection": [SETTINGS, frame(1, { flags: 0x04, payload: BLOCK })],
    "HEADERS on a stream of the server": [SETTINGS, frame(1, { flags: 0x04, stream: 2, payload: BLOCK })],
    "padding longer than its frame": [
      SETTINGS,
      frame(1, { flags: 0x0c, stream: 1, payload: Uint8Array.of(5, 1, 2) }),
    ],
    "padding of an empty frame": [SETTINGS, frame(1, { flags: 0x0c, stream: 1 })],
    "an interrupted header block": [SETTINGS, frame(1, { stream: 1, payload: BLOCK }), frame(6, {})],
    "a header block of another stream": [
      SETTINGS,
      frame(1, { stream: 1 }),
      frame(9, { flags: 4, stream: 3 }),
    ],
    "a malformed header block": [
      SETTINGS,
      frame(1, { flags: 0x04, stream: 1, payload: Uint8Array.of(0x80) }),
    ],
    "a request without method": [SETTINGS, frame(1, { flags: 0x04, stream: 1, payload: BLOCK.subarray(1) })],
    "a request without target": [
      SETTINGS,
      frame(1, { flags: 0x04, stream: 1, payload: BLOCK.subarray(0, 1) }),
    ],
  })
) {
  Deno.test({
    name: `no request is read out of ${what}`,
    permissions: "none",
    fn() {
      const bytes = join(PREFACE, ...frames);
      assertEquals(decide(judge, join(bytes, new Uint8Array(40))).verdict, "mismatch");
    },
  });
}

Deno.test({
  name: "a Host field stands in for a missing :authority, and CONNECT has no path",
  permissions: "none",
  fn() {
    const host = join(Uint8Array.fromHex("828684" + "6609"), bytesOf("h.example"));
    const request = join(PREFACE, SETTINGS, frame(1, { flags: 0x04, stream: 1, payload: host }));
    assertEquals(parseHttp2RequestHead(request).head?.host, "h.example");

    const connect = join(
      Uint8Array.fromHex("4207"),
      bytesOf("CONNECT"),
      Uint8Array.fromHex("410a"),
      bytesOf("c.test:443"),
    );
    const tunnel = join(PREFACE, SETTINGS, frame(1, { flags: 0x04, stream: 1, payload: connect }));
    const { head } = parseHttp2RequestHead(tunnel);
    assertEquals([head?.method, head?.target, head?.path, head?.host], [
      "CONNECT",
      "c.test:443",
      undefined,
      "c.test",
    ]);
  },
});

Deno.test({
  name: "a client that sends no request within the budget has none",
  permissions: "none",
  fn() {
    const pings = Array.from({ length: 1000 }, () => frame(6, { payload: new Uint8Array(8) }));
    const bytes = join(PREFACE, SETTINGS, ...pings);
    assertEquals(judge(bytes.subarray(0, REQUEST_HEAD_BUDGET - 1)), "incomplete");
    assertEquals(judge(bytes.subarray(0, REQUEST_HEAD_BUDGET)), "mismatch");
    assertEquals(judge(bytes), "mismatch");
  },
});

Deno.test({
  name: "the version need not be known to read a head",
  permissions: "none",
  fn() {
    const request = join(PREFACE, SETTINGS, frame(1, { flags: 0x04, stream: 1, payload: BLOCK }));
    assertEquals(parseHttpRequestHead(request).head, EXPECTED);
    assertEquals(decide(verdictOf(parseHttpRequestHead), request), {
      verdict: "match",
      after: request.length,
    });
    assertEquals(parseHttpRequestHead(bytesOf("PRI /x HTTP/1.1\r\n\r\n")).head?.method, "PRI");
    assertEquals(parseHttpRequestHead(bytesOf("P")).verdict, "incomplete");
    assertEquals(parseHttpRequestHead(bytesOf("\0")).verdict, "mismatch");
  },
});
