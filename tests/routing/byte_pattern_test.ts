import { assert, assertEquals, assertThrows } from "@std/assert";
import { compileHexPrefix, compilePayload } from "../../lib/routing/byte_pattern.ts";
import { bytesOf, decide } from "../support/verdicts.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name: `byte pattern: ${name}`, permissions: "none", fn });
}

test("a payload fits as soon as its start does, and goes on fitting", () => {
  assertEquals(decide(compilePayload("SSH-[12]"), bytesOf("SSH-2.0-x")), { verdict: "match", after: 5 });
  assertEquals(decide(compilePayload("\\x16\\x03[\\x00-\\x04]"), bytesOf("\x16\x03\x01\xff")), {
    verdict: "match",
    after: 3,
  });
  assertEquals(decide(compilePayload("^HELO"), bytesOf("HELO x")), { verdict: "match", after: 4 });
  assertEquals(decide(compilePayload("a.b"), bytesOf("a\nb")), { verdict: "match", after: 3 });
  assertEquals(decide(compilePayload("\\xff\\x80"), bytesOf("\xff\x80")), { verdict: "match", after: 2 });
});

test("it must fit at the very start", () => {
  assertEquals(decide(compilePayload("HELO"), bytesOf(" HELO")), { verdict: "mismatch", after: 1 });
});

test("a pattern is refused at the first byte after which nothing can fit", () => {
  for (
    const [source, text, after] of [
      ["[a-z]+\\n", "\x16\x03\x01", 1],
      ["[A-Z]+ /", "SSH-2.0", 4],
      ["(GET|POST) ", "PUT ", 2],
      ["(?i)helo", "HELP", 4],
      ["a{2,3}b", "aaaab", 4],
      ["(?m:^b)", "xb", 1],
      ["a\\n(?m:^)b", "a\nc", 3],
      ["[^\\n]*\\n\\.", "x\n\n", 3],
    ] as const
  ) {
    assertEquals(decide(compilePayload(source), bytesOf(text)), { verdict: "mismatch", after }, source);
  }
  assertEquals(decide(compilePayload("SSH-[12]"), bytesOf("SSL")), { verdict: "mismatch", after: 3 });
  assertEquals(decide(compilePayload("ab*c"), bytesOf("xyz")), { verdict: "mismatch", after: 1 });
});

test("an optional or repeated character is no part of the literal beginning", () => {
  for (
    const [source, text] of [["ab?c", "ac"], ["ab*c", "ac"], ["ab{0,2}c", "ac"], ["a?b", "b"], [
      "ab|cd",
      "cd",
    ]] as const
  ) {
    assertEquals(compilePayload(source)(bytesOf(text)), "match", source);
  }
});

test("what does not fit within 4096 bytes is a mismatch, whatever follows", () => {
  const judge = compilePayload("x.*END");
  const filler = (length: number) => bytesOf("x".repeat(length));
  assertEquals(judge(filler(4095)), "incomplete");
  assertEquals(judge(filler(4096)), "mismatch");
  assertEquals(judge(bytesOf("x".repeat(4093) + "END")), "match");
  assertEquals(judge(bytesOf("x".repeat(4094) + "END")), "mismatch");
});

test("a pattern of very many states stays exact, and takes linear time", () => {
  const judge = compilePayload("(?:[ab]*a[ab]{14}c|b+!)");
  let seed = 1;
  const noise = Uint8Array.from({ length: 4000 }, () => {
    seed = (seed * 48271) % 0x7fffffff;
    return 0x61 + (seed & 1);
  });
  assertEquals(judge(noise), "incomplete");
  assertEquals(
    judge(Uint8Array.of(...noise.subarray(0, 3000), 0x61, ...noise.subarray(0, 14), 0x63)),
    "match",
  );
  assertEquals(
    judge(Uint8Array.of(...noise.subarray(0, 3000), 0x62, ...noise.subarray(0, 14), 0x63)),
    "mismatch",
  );
  assertEquals(judge(bytesOf("bbb!")), "match");
});

test("however the bytes are split, the verdict is the same", () => {
  const sources = ["GET /[a-z]+ ", "\\x00*\\x01", "(ab|abc)d", "[^a]{3}", "", "(?i)get"];
  const texts = ["GET /path HTTP", "\0\0\0\x01", "abcd", "abd", "xyz", "xya", "gEt", "GET / "];
  for (const source of sources) for (const text of texts) decide(compilePayload(source), bytesOf(text));
});

test("what looks at the end of the bytes is an error, and what only looks like it is none", () => {
  for (const source of ["end$", "a\\b", "\\z", "a\\Bc", "(a$|b)", "\\\\$"]) {
    const { message } = assertThrows(() => compilePayload(source), SyntaxError, undefined, source);
    assert(message.startsWith(`"${source}" looks at the end of the bytes`), message);
  }
  assertEquals(compilePayload("5[$]")(bytesOf("5$")), "match");
  assertEquals(compilePayload("5\\$")(bytesOf("5$")), "match");
  assertEquals(compilePayload("a\\\\b")(bytesOf("a\\b")), "match");
});

test("a payload that is no pattern is an error that quotes it", () => {
  const { message } = assertThrows(() => compilePayload("a(b"), SyntaxError);
  assert(message.startsWith('"a(b" is not a pattern: '), message);
});

test("a prefix in hexadecimal takes any digit for a question mark, and white space anywhere", () => {
  const judge = compileHexPrefix("16 03 0? ?1");
  assertEquals(decide(judge, Uint8Array.of(0x16, 3, 9, 0xf1, 7)), { verdict: "match", after: 4 });
  assertEquals(decide(judge, Uint8Array.of(0x16, 3, 0x10, 0xf1)), { verdict: "mismatch", after: 3 });
  assertEquals(decide(judge, Uint8Array.of(0x16, 3, 0, 0xf2)), { verdict: "mismatch", after: 4 });
  assertEquals(compileHexPrefix("aBcD")(Uint8Array.of(0xab, 0xcd)), "match");
  assertEquals(compileHexPrefix("??")(Uint8Array.of(0)), "match");
});

test("a prefix that is not made of whole bytes is an error that quotes it", () => {
  for (const source of ["", " ", "1", "16 0", "0x16", "gg", "1?3"]) {
    const { message } = assertThrows(() => compileHexPrefix(source), SyntaxError, undefined, source);
    assert(message.startsWith(`"${source}" is not a prefix in hexadecimal bytes`), message);
  }
});
