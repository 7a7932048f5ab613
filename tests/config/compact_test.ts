import { assertEquals, assertThrows } from "@std/assert";
import { parseCompact, type Segment } from "../../lib/config/compact.ts";
import { ConfigError } from "../../lib/config/errors.ts";

function word(text: string): Segment {
  return { kind: "identifier", text };
}

function list(...properties: [string, string][]): Segment {
  return { kind: "properties", properties: new Map(properties) };
}

/** What each rule of the grammar says about specs that it accepts. */
const accepted: Readonly<Record<string, readonly (readonly [spec: string, segments: readonly Segment[]])[]>> =
  {
    "CFG-01 segments stand between colons, in any order": [
      ["a:b", [word("a"), word("b")]],
      ["a=1:b:c=2", [list(["a", "1"]), word("b"), list(["c", "2"])]],
    ],
    "CFG-02 a segment with an equals sign is a property list, any other an identifier": [
      ["a,b", [word("a,b")]],
      ["a,b=1", [list(["a", ""], ["b", "1"])]],
    ],
    "CFG-02 an equals sign inside quotes makes no property list": [
      ['"a=b":c', [word("a=b"), word("c")]],
      ['echo:"https://example.com/echo.ts?v=1":net=x', [
        word("echo"),
        word("https://example.com/echo.ts?v=1"),
        list(["net", "x"]),
      ]],
    ],
    "CFG-03 a key alone has the empty value": [
      ["a=1,b,c=", [list(["a", "1"], ["b", ""], ["c", ""])]],
    ],
    "CFG-04 an equals sign at the very end begins no third part": [["a=b=", [list(["a", "b"])]]],
    "CFG-05 the key may be empty": [
      ["=value", [list(["", "value"])]],
      ["=", [list(["", ""])]],
    ],
    "CFG-06 a single comma at the end is ignored": [
      ["a=1,", [list(["a", "1"])]],
      ["a=1, ", [list(["a", "1"])]],
    ],
    "CFG-07 a delimiter at the very end begins nothing": [
      ["", []],
      [" ", []],
      ["web:pass:", [word("web"), word("pass")]],
      ["x::y", [word("x"), word(""), word("y")]],
      [":x", [word(""), word("x")]],
      [":", [word("")]],
      ['x:""', [word("x"), word("")]],
    ],
    "CFG-08 quotes make delimiters literal wherever they stand": [
      ['a="b:c,d=e"', [list(["a", "b:c,d=e"])]],
      ['x"a:b"y', [word('x"a:b"y')]],
      ["'a:b'", [word("'a"), word("b'")]],
    ],
    "CFG-09 exactly one pair of outer quotes is removed": [
      ['"a"', [word("a")]],
      ['""a""', [word('"a"')]],
      ['"a" "b"', [word('a" "b')]],
      ['foo"bar"', [word('foo"bar"')]],
    ],
    "CFG-10 a backslash outside quotes is an ordinary character": [
      ["property[host]=api\\.example\\.com", [list(["property[host]", "api\\.example\\.com"])]],
    ],
    "CFG-10 a backslash inside quotes keeps the next character from ending them": [
      ['"a\\":b"', [word('a":b')]],
      ['"a\\\\":b', [word("a\\\\"), word("b")]],
    ],
    "CFG-11 backslash and quote become a quote, every other backslash stays": [
      ['"say \\"hi\\""', [word('say "hi"')]],
      ['k="\\d+\\\\\\n"', [list(["k", "\\d+\\\\\\n"])]],
      ['a\\"b"', [word('a"b"')]],
    ],
    "CFG-12 whitespace around is dropped, inside quotes kept": [
      ["  a  : b = 1 ,  c= 2 ", [word("a"), list(["b", "1"], ["c", "2"])]],
      ['k=" v "', [list(["k", " v "])]],
    ],
    "CFG-14 quotes carry URLs and IPv6 addresses": [
      ['u="http://[::1]:80/?a=b,c"', [list(["u", "http://[::1]:80/?a=b,c"])]],
    ],
    "CFG-15 keys that differ in case are different keys": [
      ["A=1,a=2", [list(["A", "1"], ["a", "2"])]],
    ],
    "CFG-16 keys may have brackets, dots and exclamation marks": [
      ["property[tls]!=true,target.ip=1", [list(["property[tls]!", "true"], ["target.ip", "1"])]],
    ],
    "CFG-17 there are no comments, single quotes or continuations": [
      ["a#b:c\\\n", [word("a#b"), word("c\\")]],
    ],
    "CFG-45 a placeholder stays whole, whatever its default contains": [
      ["{{env:A:-x:y,z=1}}:b", [word("{{env:A:-x:y,z=1}}"), word("b")]],
      ['k="{{env:A:-"}}"', [list(["k", '{{env:A:-"}}'])]],
      ["{{env:A}", [word("{{env"), word("A}")]],
    ],
  };

for (const [rule, specs] of Object.entries(accepted)) {
  for (const [spec, segments] of specs) {
    Deno.test({
      name: `${rule}: ${JSON.stringify(spec)}`,
      permissions: "none",
      fn: () => assertEquals(parseCompact(spec), segments),
    });
  }
}

/** Specs that no rule accepts: the position and what the message says was found there. */
const refused: readonly (readonly [rule: string, spec: string, position: number, found: string])[] = [
  ["CFG-04 a property has one equals sign", "x:a=b=c", 6, 'a second "="'],
  ["CFG-04 also when the second is followed by nothing but another", "a==b", 3, 'a second "="'],
  ["CFG-06 no property is empty", "a=1,,b=2", 5, "an empty property"],
  ["CFG-06 nor the first", ",a=1", 1, "an empty property"],
  ["CFG-06 nor one of whitespace", "a=1, ,b=2", 5, "an empty property"],
  ["CFG-13 quotes are closed", 'web:pass:a="b', 12, "a double quote that nothing closes"],
  ["CFG-13 an escaped quote closes nothing", 'a:"b\\"', 3, "a double quote that nothing closes"],
  ["CFG-14 a colon in a value needs quotes", "a=::1,b=2,c=d=e", 14, 'a second "="'],
  ["CFG-15 a key appears once", "x:a=1,b=2, a=3", 11, 'the key "a" a second time'],
];

for (const [rule, spec, position, found] of refused) {
  Deno.test({
    name: `${rule}: ${JSON.stringify(spec)} is refused at character ${position}`,
    permissions: "none",
    fn: () => {
      const error = assertThrows(() => parseCompact(spec), ConfigError);
      const expected = `cannot parse "${spec}" at character ${position}: found ${found}`;
      assertEquals(error.message.slice(0, expected.length), expected);
    },
  });
}

Deno.test({
  name: "the message about a malformed spec hides its secrets",
  permissions: "none",
  fn: () => {
    const error = assertThrows(
      () => parseCompact('x:password="hunter2",url=https://me:secret@host,a=b=c'),
      ConfigError,
    );
    assertEquals(/hunter2|secret@/.test(error.message), false, error.message);
  },
});

Deno.test({
  name: "the message about a malformed spec from a variable shows the placeholder",
  permissions: "none",
  fn: () => {
    const error = assertThrows(() => parseCompact('a:"', { shownAs: "{{env:SPEC}}" }), ConfigError);
    assertEquals(error.message.startsWith('cannot parse "{{env:SPEC}}" at character 3'), true, error.message);
  },
});
