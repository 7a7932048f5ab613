import { assert, assertEquals } from "@std/assert";
import { http1Detector, parseRequestHead } from "../../lib/protocol/http1.ts";
import { REQUEST_HEAD_BUDGET, type RequestHead } from "../../lib/protocol/request_head.ts";
import { bytesOf, decide, present, verdictOf } from "../support/verdicts.ts";

const judge = verdictOf(parseRequestHead);

function head(text: string): RequestHead {
  return present(parseRequestHead(bytesOf(text)).head);
}

for (
  const line of [
    "GET / HTTP/1.1\r\n",
    "GET / HTTP/1.0\n",
    "PATCH /items/7 HTTP/1.1\r\n",
    "BASELINE-CONTROL /x HTTP/1.1\r\n",
    "X-my_method!~ /x HTTP/1.1\r\n",
    "GET http://example.com/x HTTP/1.1\r\n",
    "CONNECT example.com:443 HTTP/1.1\r\n",
    "CONNECT [::1]:443 HTTP/1.1\r\n",
    "OPTIONS * HTTP/1.1\r\n",
    "GET /caf\xe9 HTTP/1.1\r\n",
    "\r\nGET / HTTP/1.1\r\n",
    "\n\r\n\n\r\nGET / HTTP/1.1\r\n",
  ]
) {
  Deno.test({
    name: `a request line is HTTP with its last byte: ${JSON.stringify(line)}`,
    permissions: "none",
    fn() {
      assertEquals(decide(http1Detector.detect, bytesOf(line)), { verdict: "match", after: line.length });
    },
  });
}

for (
  const [what, text, decisive] of [
    ["binary", "\x16\x03\x01", 1],
    ["a space first", " GET / HTTP/1.1", 1],
    ["a lone carriage return first", "\rGET", 2],
    ["five empty lines", "\n\n\n\n\nGET", 5],
    ["an SSH banner", "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", 31],
    ["an endless method", "A".repeat(40), 33],
    ["a Redis command", "PING\r\n", 5],
    ["a memcached command", "get key\r\n", 8],
    ["HTTP/0.9", "GET /\r\n", 6],
    ["two spaces", "GET  / HTTP/1.1\r\n", 5],
    ["a control character in the target", "GET /\x00 HTTP/1.1\r\n", 6],
    ["SIP", "INVITE sip:bob@example.com SIP/2.0\r\n", 28],
    ["RTSP", "OPTIONS * RTSP/1.0\r\n", 11],
    ["RTSP with a URI", "DESCRIBE rtsp://example.com/a RTSP/1.0\r\n", 31],
    ["HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 12],
    ["a version without digit", "GET / HTTP/1.x\r\n", 14],
    ["a version of two digits", "GET / HTTP/1.10\r\n", 15],
    ["something after the version", "GET / HTTP/1.1 \r\n", 15],
    ["a carriage return without line feed", "GET / HTTP/1.1\rX", 16],
    ["a PROXY header", "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", 12],
    ["a lower-case protocol name", "GET / http/1.1\r\n", 7],
  ] as const
) {
  Deno.test({
    name: `what is not HTTP is told by the byte that decides: ${what}`,
    permissions: "none",
    fn() {
      assertEquals(decide(http1Detector.detect, bytesOf(text)), { verdict: "mismatch", after: decisive });
      assertEquals(decide(judge, bytesOf(text)), { verdict: "mismatch", after: decisive });
      assertEquals(parseRequestHead(bytesOf(text)).head, undefined);
    },
  });
}

Deno.test({
  name: "a request line may not exceed the budget",
  permissions: "none",
  fn() {
    const start = "GET /";
    const end = " HTTP/1.1\r\n";
    const room = REQUEST_HEAD_BUDGET - start.length - end.length;
    assertEquals(http1Detector.detect(bytesOf(start + "a".repeat(room) + end)), "match");
    const tooLong = bytesOf(start + "a".repeat(room + 1) + end);
    assertEquals(http1Detector.detect(tooLong), "mismatch");
    assertEquals(http1Detector.detect(tooLong.subarray(0, REQUEST_HEAD_BUDGET)), "mismatch");
    assertEquals(http1Detector.detect(tooLong.subarray(0, REQUEST_HEAD_BUDGET - 1)), "incomplete");
  },
});

Deno.test({
  name: "method, target, version and host become known one after the other",
  permissions: "none",
  fn() {
    const stages: [string, RequestHead][] = [
      ["GE", {}],
      ["GET /a", { method: "GET" }],
      ["GET /a?b ", { method: "GET", target: "/a?b", path: "/a" }],
      ["GET /a?b HTTP/1.1\r\n", { method: "GET", target: "/a?b", path: "/a", version: "1.1" }],
    ];
    for (const [text, expected] of stages) {
      assertEquals(parseRequestHead(bytesOf(text)), { verdict: "incomplete", head: expected });
    }
    const whole = "GET /a?b HTTP/1.1\r\nAccept: */*\r\nHOST:\t Example.com:8080 \r\n";
    const host = { authority: "Example.com:8080", host: "example.com" };
    assertEquals(parseRequestHead(bytesOf(whole)), { verdict: "match", head: { ...stages[3]![1], ...host } });
  },
});

Deno.test({
  name: "the verdict on a head does not change, and what is known stays",
  permissions: "none",
  fn() {
    const text = "\r\nPOST /x?y HTTP/1.1\r\nA: b\r\nHost: a.example\r\nHost: b.example\r\n\r\nbody";
    const after = text.indexOf("\r\nHost: b") + 2;
    assertEquals(decide(judge, bytesOf(text)), { verdict: "match", after });
    let known: RequestHead = {};
    for (let length = 0; length <= text.length; length++) {
      const now = head(text.slice(0, length));
      assertEquals({ ...now, ...known }, now);
      known = now;
    }
  },
});

Deno.test({
  name: "a request without Host is known with its empty line",
  permissions: "none",
  fn() {
    const text = "GET / HTTP/1.0\nUser-Agent: x\n\nHost: body.example\n";
    const after = text.indexOf("Host");
    assertEquals(decide(judge, bytesOf(text)), { verdict: "match", after });
    assertEquals(head(text).host, undefined);
  },
});

Deno.test({
  name: "a target that names the host wins over the Host header, and needs none",
  permissions: "none",
  fn() {
    const absolute = "GET http://a.example/x HTTP/1.1\r\n";
    assertEquals(decide(judge, bytesOf(absolute + "Host: b.example\r\n\r\n")).after, absolute.length);
    assertEquals(head(absolute).host, "a.example");
    assertEquals(head("CONNECT c.example:443 HTTP/1.1\r\n").host, "c.example");
  },
});

for (
  const field of [
    "X-Host: a.example",
    "Hos: a.example",
    "Host : a.example",
    " Host: a.example",
    "Host a.example",
  ]
) {
  Deno.test({
    name: `"${field}" is no Host header`,
    permissions: "none",
    fn() {
      const { verdict, head } = parseRequestHead(bytesOf(`GET / HTTP/1.1\r\n${field}\r\n\r\n`));
      assertEquals([verdict, head?.authority], ["match", undefined]);
    },
  });
}

Deno.test({
  name: "headers that exceed the budget leave the host unknown",
  permissions: "none",
  fn() {
    const line = "GET / HTTP/1.1\r\n";
    const filler = `A: ${"b".repeat(1000)}\r\n`.repeat(20);
    const { verdict, head } = parseRequestHead(bytesOf(`${line}${filler}Host: a.example\r\n\r\n`));
    assertEquals([verdict, head?.version, head?.host], ["match", "1.1", undefined]);
    assertEquals(decide(judge, bytesOf(line + filler)).after, REQUEST_HEAD_BUDGET);
  },
});

Deno.test({
  name: "the facts are those of the head",
  permissions: "none",
  fn() {
    const facts = http1Detector.facts?.(bytesOf("GET /a?b HTTP/1.1\r\nHost: a.example:80\r\n\r\n"));
    assertEquals(facts, { "http.method": "GET", "http.target": "/a?b", "http.host": "a.example" });
    assert(http1Detector.facts !== undefined);
    assertEquals(http1Detector.facts(bytesOf("\x16\x03")), {});
  },
});
