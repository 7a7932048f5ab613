import { assert, assertEquals } from "@std/assert";
import { BencodeCursor } from "../../lib/protocol/bencode.ts";
import { bytesOf } from "../support/verdicts.ts";

function isValue(text: string): boolean {
  const cursor = new BencodeCursor(bytesOf(text));
  return cursor.skipValue() && cursor.atEnd;
}

Deno.test({
  name: "bencode: every kind of value is stepped over as a whole",
  permissions: "none",
  fn(): void {
    for (
      const text of ["0:", "4:spam", "i0e", "i-42e", "le", "de", "l4:spami7ee", "d3:cow3:moo4:spaml1:a1:bee"]
    ) {
      assert(isValue(text), text);
    }
  },
});

Deno.test({
  name: "bencode: what is malformed or cut off is no value",
  permissions: "none",
  fn(): void {
    for (
      const text of [
        "",
        "4:spa",
        "04:spam",
        ":",
        "4",
        "ie",
        "i-e",
        "i4",
        "l",
        "d",
        "d1:a",
        "di1e1:ae",
        "x",
        "999999:a",
      ]
    ) {
      assert(!isValue(text), text);
    }
  },
});

Deno.test({
  name: "bencode: a string is told by where it is",
  permissions: "none",
  fn(): void {
    const cursor = new BencodeCursor(bytesOf("d3:cow3:mooe"));
    assert(cursor.enterDictionary());
    assertEquals(cursor.readString(), { from: 3, to: 6 });
    assert(!cursor.leave());
    assertEquals(cursor.readString(), { from: 8, to: 11 });
    assert(cursor.leave());
    assert(cursor.atEnd);
  },
});

Deno.test({
  name: "bencode: depth is bounded",
  permissions: "none",
  fn(): void {
    const nested = (depth: number) => "l".repeat(depth) + "e".repeat(depth);
    assert(isValue(nested(8)));
    assert(!isValue(nested(9)));
    assert(!isValue(nested(30_000)));
  },
});
