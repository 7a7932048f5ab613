import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { compileHostPattern, compilePattern } from "../../lib/routing/pattern.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name: `pattern: ${name}`, permissions: "none", fn });
}

test("it fits the whole text, whichever alternative does", () => {
  const pattern = compilePattern("a|ab|b.d");
  assertEquals(["a", "ab", "bcd", "abc", "xa", "", "a\n"].filter(pattern), ["a", "ab", "bcd"]);
});

test("anchors at its ends change nothing", () => {
  for (const source of ["^api\\..*$", "^api\\..*", "api\\..*$", "api\\..*"]) {
    const pattern = compilePattern(source);
    assert(pattern("api.example.com"), source);
    assertFalse(pattern("my.api.example.com"), source);
  }
});

test("anchors of an alternative belong to that alternative", () => {
  const pattern = compilePattern("a$|^b");
  assertEquals(["a", "b", "ab", "a$", "xa"].filter(pattern), ["a", "b"]);
});

test("an escaped dollar is a dollar", () => {
  assertEquals(["5\\$", "5$", "5"].filter(compilePattern("5\\$")), ["5$"]);
});

test("case matters unless it is told otherwise, with metacharacters and without", () => {
  for (const source of ["Plain", "Pl.in"]) {
    assertEquals(["Plain", "plain"].filter(compilePattern(source)), ["Plain"], source);
    assertEquals(["Plain", "pLAIN", "plan"].filter(compilePattern(source, { ignoreCase: true })), [
      "Plain",
      "pLAIN",
    ]);
  }
});

test("no text makes it slow", () => {
  const pattern = compilePattern("(a+)+b");
  const short = time(() => pattern("a".repeat(2_000)));
  const long = time(() => pattern("a".repeat(20_000)));
  // Backtracking would not end at all; linear time is ten times as long, and a busy machine twice that.
  assert(long < 100 * Math.max(short, 1), `${short} ms, ${long} ms`);
});

test("what RE2 does not know is an error that quotes it and says so", () => {
  for (const source of ["a(b", "a(?=b)", "(a)\\1", "[z-a]", "*"]) {
    const { message } = assertThrows(() => compilePattern(source), SyntaxError);
    assert(message.startsWith(`"${source}" is not a pattern: `), message);
    assert(message.endsWith("(RE2 syntax: no look-around, no back-references)"), message);
  }
});

test("a host pattern ignores case, and its star is exactly one label", () => {
  const hosts = [
    "example.com",
    "a.example.com",
    "A.EXAMPLE.COM",
    "a.b.example.com",
    ".example.com",
    "axexample.com",
  ];
  assertEquals(hosts.filter(compileHostPattern("*.Example.com")), ["a.example.com", "A.EXAMPLE.COM"]);
  assertEquals(hosts.filter(compileHostPattern("example\\.COM")), ["example.com"]);
  assertEquals(hosts.filter(compileHostPattern(".+\\.example\\.com")), [
    "a.example.com",
    "A.EXAMPLE.COM",
    "a.b.example.com",
  ]);
});

test("a host name is that name: its dots are dots", () => {
  const hosts = ["example.com", "EXAMPLE.com", "exampleXcom", "example.com:80", "exampleXcom:80", "10.0.0.1"];
  assertEquals(hosts.filter(compileHostPattern("example.COM")), ["example.com", "EXAMPLE.com"]);
  assertEquals(hosts.filter(compileHostPattern("example.com:80")), ["example.com:80"]);
  assertEquals(hosts.filter(compileHostPattern("10.0.0.1")), ["10.0.0.1"]);
});

function time(run: () => void): number {
  const began = performance.now();
  run();
  return performance.now() - began;
}
