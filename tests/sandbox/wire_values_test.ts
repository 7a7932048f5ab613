import { assert, assertEquals, assertThrows } from "@std/assert";
import { WireError } from "../../lib/sandbox/wire.ts";
import {
  isNumber,
  isScalar,
  isText,
  readFlag,
  readNames,
  readRecord,
  readText,
  readTexts,
  readWhole,
  readWord,
} from "../../lib/sandbox/wire_values.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name: `heads: ${name}`, permissions: "none", fn });
}

/** As it comes over the wire, where names such as `__proto__` are names like any other. */
function parse(json: string): Record<string, unknown> {
  return readRecord(JSON.parse(json));
}

test("only an object is a head", () => {
  for (const head of [undefined, null, 1, "text", true, [], [{}]]) {
    assertThrows(() => readRecord(head), WireError, "object");
  }
  assertEquals(readRecord({ a: 1 }), { a: 1 });
});

test("a text is a text, and is cut", () => {
  assertEquals(readText({ a: "hello" }, "a", 4), "hell");
  assertEquals(readText({}, "a"), undefined);
  for (const a of [1, null, {}, ["x"]]) assertThrows(() => readText({ a }, "a"), WireError);
});

test("a whole number is within its bounds", () => {
  assertEquals(readWhole({ a: 0 }, "a", 10), 0);
  assertEquals(readWhole({ a: 10 }, "a", 10), 10);
  for (const a of [-1, 11, 1.5, NaN, Infinity, "5", null, undefined, 2 ** 53]) {
    assertThrows(() => readWhole({ a }, "a", 10), WireError);
  }
});

test("a word is one of those that are expected", () => {
  assertEquals(readWord({ verdict: "match" }, "verdict", ["match", "mismatch"]), "match");
  for (const verdict of ["Match", "", "toString", 0, undefined]) {
    assertThrows(() => readWord({ verdict }, "verdict", ["match"]), WireError);
  }
});

test("only true is yes", () => {
  assert(readFlag({ a: true }, "a"));
  for (const a of [1, "true", {}, undefined]) assert(!readFlag({ a }, "a"));
});

test("what an object inherits is not in it", () => {
  assertEquals(readText(parse("{}"), "toString"), undefined);
  assertEquals(readFlag(Object.create({ a: true }), "a"), false);
});

test("names that mean something to JavaScript are left out, and change nothing", () => {
  const record = parse('{"fields":{"__proto__":{"admin":true},"constructor":"x","prototype":"y","a":"b"}}');
  const names = readNames(record, "fields", isText);
  assertEquals(Object.keys(names), ["a"]);
  assertEquals(Object.getPrototypeOf(names), null);
  assertEquals(({} as Record<string, unknown>).admin, undefined);
  const nested = readNames(parse('{"__proto__":{"a":"b"}}'), "a", isText);
  assertEquals(Object.keys(nested), []);
});

test("values of another type are left out", () => {
  const record = parse('{"all":{"text":"t","number":1,"flag":true,"null":null,"list":[1],"object":{}}}');
  assertEquals(Object.keys(readNames(record, "all", isText)), ["text"]);
  assertEquals(Object.keys(readNames(record, "all", isNumber)), ["number"]);
  assertEquals(Object.keys(readNames(record, "all", isScalar)), ["text", "number", "flag"]);
  assertEquals(Object.keys(readNames(record, "nothing", isText)), []);
  assertEquals(readTexts(parse('{"list":["a",1,"b",{}]}'), "list"), ["a", "b"]);
});

test("no more names are read than a head may have", () => {
  const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`name${index}`, "v"]));
  assertEquals(Object.keys(readNames({ many }, "many", isText)).length, 256);
});
