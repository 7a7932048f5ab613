import { assertEquals } from "@std/assert";
import { Cursor } from "../../lib/protocol/cursor.ts";

Deno.test({
  name: "a cursor reads integers and vectors in turn",
  permissions: "none",
  fn() {
    const cursor = new Cursor(Uint8Array.fromHex("01020304050607080910" + "02aabb" + "0001cc"));
    assertEquals([cursor.u8(), cursor.u16(), cursor.u24(), cursor.u32()], [
      0x01,
      0x0203,
      0x040506,
      0x07080910,
    ]);
    assertEquals(cursor.vector8(), Uint8Array.of(0xaa, 0xbb));
    assertEquals(cursor.vector16(), Uint8Array.of(0xcc));
    assertEquals([cursor.ok, cursor.remaining, cursor.offset], [true, 0, 16]);
  },
});

for (
  const [what, read] of [
    ["an integer", (cursor: Cursor) => cursor.u32()],
    ["a vector", (cursor: Cursor) => cursor.vector8()],
    ["an endless vector", (cursor: Cursor) => cursor.take(Infinity)],
  ] as const
) {
  Deno.test({
    name: `a cursor that ran out within ${what} stays at the end and says so`,
    permissions: "none",
    fn() {
      const cursor = new Cursor(Uint8Array.of(9, 1, 2));
      read(cursor);
      assertEquals([cursor.ok, cursor.remaining, cursor.u8()], [false, 0, 0]);
      assertEquals(cursor.take(0).length, 0);
      assertEquals(cursor.ok, false);
    },
  });
}
