import { assertEquals } from "@std/assert";
import {
  ascii,
  comparePrefix,
  hex,
  indexOfByte,
  isTokenCharacter,
  isVisible,
  latin1,
  u16,
  u16le,
  u24,
  u32,
  u32le,
} from "../../lib/protocol/bytes.ts";

Deno.test({
  name: "bytes: integers are read in either order, and stay unsigned",
  permissions: "none",
  fn(): void {
    const bytes = Uint8Array.of(0xff, 0x01, 0x02, 0xfe);
    assertEquals(u16(bytes, 0), 0xff01);
    assertEquals(u24(bytes, 0), 0xff0102);
    assertEquals(u32(bytes, 0), 0xff0102fe);
    assertEquals(u16le(bytes, 2), 0xfe02);
    assertEquals(u32le(bytes, 0), 0xfe0201ff);
  },
});

Deno.test({
  name: "bytes: a prefix is compared at an offset, however little of it is there",
  permissions: "none",
  fn(): void {
    const prefix = ascii("ab");
    assertEquals(comparePrefix(ascii("xab"), prefix, { at: 1 }), "match");
    assertEquals(comparePrefix(ascii("xa"), prefix, { at: 1 }), "incomplete");
    assertEquals(comparePrefix(ascii("x"), prefix, { at: 4 }), "incomplete");
    assertEquals(comparePrefix(ascii("xb"), prefix, { at: 1 }), "mismatch");
  },
});

Deno.test({
  name: "bytes: a search stays within its range",
  permissions: "none",
  fn(): void {
    const bytes = ascii("abcabc");
    assertEquals(indexOfByte(bytes, 0x63), 2);
    assertEquals(indexOfByte(bytes, 0x63, { from: 3 }), 5);
    assertEquals(indexOfByte(bytes, 0x63, { from: 3, to: 5 }), -1);
    assertEquals(indexOfByte(bytes, 0x63, { to: 100 }), 2);
  },
});

Deno.test({
  name: "bytes: text and digits are those of the range",
  permissions: "none",
  fn(): void {
    assertEquals(latin1(Uint8Array.of(0x41, 0xe9, 0x42), { from: 1 }), "\u00e9B");
    assertEquals(hex(Uint8Array.of(0x0a, 0xff, 0x00), { to: 2 }), "0aff");
  },
});

Deno.test({
  name: "bytes: token and visible characters are those of RFC 9110",
  permissions: "none",
  fn(): void {
    const all = Array.from({ length: 256 }, (_, byte) => byte);
    const tokens = String.fromCharCode(...all.filter(isTokenCharacter));
    assertEquals(tokens, "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~");
    assertEquals(all.filter(isVisible).length, 94);
  },
});
