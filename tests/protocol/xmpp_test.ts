import { assertEquals } from "@std/assert";
import { xmppDetector } from "../../lib/protocol/xmpp.ts";
import { bytesOf, decide } from "../support/verdicts.ts";

const judge = (bytes: Uint8Array) => xmppDetector.detect(bytes);
const verdict = (text: string) => judge(bytesOf(text));

Deno.test({
  name: "xmpp: a stream matches as soon as its content namespace is there",
  permissions: "none",
  fn(): void {
    const header = "<stream:stream to='a.example' xmlns='jabber:client' xml:lang='en'>";
    assertEquals(decide(judge, bytesOf(header)), { verdict: "match", after: header.indexOf(" xml:lang") });
    assertEquals(verdict(`<?xml version="1.0"?>\n ${header}`), "match");
    assertEquals(verdict('<stream:stream\r\n\txmlns="jabber:server">'), "match");
  },
});

Deno.test({
  name: "xmpp: other XML is a mismatch at the first byte that shows it",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judge, bytesOf("<html>")), { verdict: "mismatch", after: 2 });
    assertEquals(decide(judge, bytesOf("<?xml version='1.0'?><svg>")), { verdict: "mismatch", after: 24 });
    assertEquals(decide(judge, bytesOf("<13>text")), { verdict: "mismatch", after: 2 });
    assertEquals(decide(judge, bytesOf("<stream:streams")), { verdict: "mismatch", after: 15 });
  },
});

Deno.test({
  name: "xmpp: a namespace counts as the default of the stream tag alone",
  permissions: "none",
  fn(): void {
    assertEquals(verdict("<stream:stream xmlns='jabber:iq'>"), "mismatch");
    assertEquals(verdict("<stream:stream to='jabber:client'>"), "mismatch");
    assertEquals(verdict("<stream:stream xmlns:a='jabber:client'>"), "mismatch");
    assertEquals(verdict("<stream:stream><a xmlns='jabber:client'>"), "mismatch");
    assertEquals(verdict("<stream:stream to='<' xmlns='jabber:client'>"), "mismatch");
  },
});

Deno.test({
  name: "xmpp: the wait for a namespace ends with the budget",
  permissions: "none",
  fn(): void {
    const endless = bytesOf(`<stream:stream to='${"a".repeat(2000)}`);
    assertEquals(decide(judge, endless), { verdict: "mismatch", after: 1024 });
    assertEquals(decide(judge, bytesOf("<?xml" + " ".repeat(2000))), { verdict: "mismatch", after: 1024 });
  },
});

Deno.test({
  name: "xmpp: the domain is a fact, before or after the namespace",
  permissions: "none",
  fn(): void {
    const facts = (text: string) => xmppDetector.facts?.(bytesOf(text));
    assertEquals(facts("<?xml?><stream:stream to='a.example' xmlns='jabber:client'>"), {
      "xmpp.to": "a.example",
    });
    assertEquals(facts("<stream:stream xmlns='jabber:client' to=\"b.example\">"), { "xmpp.to": "b.example" });
    assertEquals(facts("<stream:stream xmlns='jabber:client' to='b.ex"), {});
    assertEquals(facts("<stream:stream xmlns='jabber:client'>"), {});
  },
});
