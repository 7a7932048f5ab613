import { assertEquals } from "@std/assert";
import { socks4Detector } from "../../lib/protocol/socks4.ts";
import { bytesOf, decide } from "../support/verdicts.ts";

const judge = (bytes: Uint8Array) => socks4Detector.detect(bytes);

Deno.test({
  name: "socks4: a request ends with its user id, or with its host name",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judge, bytesOf("\x04\x01\0\x50\x7f\0\0\x01bob\0")), { verdict: "match", after: 12 });
    assertEquals(decide(judge, bytesOf("\x04\x01\0\x50\0\0\0\x01bob\0a.b\0")), {
      verdict: "match",
      after: 16,
    });
  },
});

Deno.test({
  name: "socks4: what no client asks for is a mismatch",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judge, bytesOf("\x04\x03")), { verdict: "mismatch", after: 2 });
    assertEquals(decide(judge, bytesOf("\x04\x01\0\0")), { verdict: "mismatch", after: 4 });
    assertEquals(decide(judge, bytesOf("\x04\x01\0\x50\0\0\0\0")), { verdict: "mismatch", after: 8 });
    assertEquals(decide(judge, bytesOf("\x04\x01\0\x50\0\0\0\x01\0\0")), { verdict: "mismatch", after: 10 });
    assertEquals(decide(judge, bytesOf("\x04\x01\0\x50\x7f\0\0\x01\x07\0")), {
      verdict: "mismatch",
      after: 9,
    });
  },
});

Deno.test({
  name: "socks4: a text is at most 255 bytes long",
  permissions: "none",
  fn(): void {
    const request = (user: string) => bytesOf(`\x04\x01\0\x50\x7f\0\0\x01${user}\0`);
    assertEquals(judge(request("u".repeat(255))), "match");
    assertEquals(decide(judge, request("u".repeat(256))), { verdict: "mismatch", after: 8 + 256 });
  },
});

Deno.test({
  name: "socks4: target, user and version are facts",
  permissions: "none",
  fn(): void {
    const facts = (text: string) => socks4Detector.facts?.(bytesOf(text));
    assertEquals(facts("\x04\x01\x1f\x90\x7f\0\0\x01bob\0"), {
      "socks4.version": "4",
      "socks4.target": "127.0.0.1:8080",
      "socks4.user": "bob",
    });
    assertEquals(facts("\x04\x01\0\x50\0\0\0\x01\0a.example\0"), {
      "socks4.version": "4a",
      "socks4.target": "a.example:80",
    });
  },
});
