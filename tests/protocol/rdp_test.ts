import { assertEquals } from "@std/assert";
import { rdpDetector } from "../../lib/protocol/rdp.ts";
import { bytesOf, decide, join } from "../support/verdicts.ts";

const judge = (bytes: Uint8Array) => rdpDetector.detect(bytes);

/** A Connection Request around its variable part. */
function request(variable: Uint8Array): Uint8Array {
  const length = 11 + variable.length;
  return join(Uint8Array.of(3, 0, 0, length, length - 5, 0xe0, 0, 0, 0, 0, 0), variable);
}

const NEGOTIATION = Uint8Array.of(1, 0, 8, 0, 3, 0, 0, 0);

Deno.test({
  name: "rdp: the request counts only as a whole",
  permissions: "none",
  fn(): void {
    const bytes = request(join(bytesOf("Cookie: mstshash=eltons\r\n"), NEGOTIATION));
    assertEquals(decide(judge, bytes), { verdict: "match", after: bytes.length });
    assertEquals(decide(judge, request(new Uint8Array())), { verdict: "match", after: 11 });
  },
});

Deno.test({
  name: "rdp: lengths that disagree are a mismatch at once",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judge, Uint8Array.of(3, 0, 2)), { verdict: "mismatch", after: 3 });
    assertEquals(decide(judge, Uint8Array.of(3, 0, 0, 10)), { verdict: "mismatch", after: 4 });
    assertEquals(decide(judge, Uint8Array.of(3, 0, 0, 19, 13)), { verdict: "mismatch", after: 5 });
    assertEquals(decide(judge, Uint8Array.of(3, 0, 0, 19, 14, 0xf0)), { verdict: "mismatch", after: 6 });
  },
});

Deno.test({
  name: "rdp: a source reference belongs to another protocol",
  permissions: "none",
  fn(): void {
    assertEquals(decide(judge, Uint8Array.of(3, 0, 0, 22, 17, 0xe0, 0, 0, 0, 1)).verdict, "mismatch");
  },
});

Deno.test({
  name: "rdp: a token that ends in CR, or does not end, is a mismatch and no reading past the end",
  permissions: "none",
  fn(): void {
    assertEquals(judge(request(bytesOf("token\r"))), "mismatch");
    assertEquals(judge(join(request(bytesOf("token\r")), bytesOf("\n"))), "mismatch");
    assertEquals(judge(request(bytesOf("token"))), "mismatch");
    assertEquals(judge(request(bytesOf("to\x01ken\r\n"))), "mismatch");
  },
});

Deno.test({
  name: "rdp: unknown flags, protocols and leftovers are a mismatch",
  permissions: "none",
  fn(): void {
    assertEquals(judge(request(NEGOTIATION)), "match");
    assertEquals(judge(request(NEGOTIATION.with(1, 0x10))), "mismatch");
    assertEquals(judge(request(NEGOTIATION.with(4, 0x20))), "mismatch");
    assertEquals(judge(request(NEGOTIATION.with(1, 0x08))), "mismatch");
    assertEquals(judge(request(join(NEGOTIATION, Uint8Array.of(0)))), "mismatch");
    assertEquals(decide(judge, request(Uint8Array.of(1))), { verdict: "mismatch", after: 12 });
  },
});

Deno.test({
  name: "rdp: cookie and token are facts",
  permissions: "none",
  fn(): void {
    const facts = (text: string) => rdpDetector.facts?.(request(bytesOf(text)));
    assertEquals(facts("Cookie: mstshash=eltons\r\n"), { "rdp.user": "eltons" });
    assertEquals(facts("Cookie: msts=3640205228.15629.0000\r\n"), {
      "rdp.routing": "Cookie: msts=3640205228.15629.0000",
    });
    assertEquals(rdpDetector.facts?.(request(NEGOTIATION)), {});
  },
});
