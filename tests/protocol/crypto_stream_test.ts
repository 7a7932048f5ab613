import { assertEquals } from "@std/assert";
import { CryptoStream } from "../../lib/protocol/crypto_stream.ts";
import { bytesOf } from "../support/verdicts.ts";

Deno.test({
  name: "pieces may come in any order, overlap and come again",
  permissions: "none",
  fn() {
    const stream = new CryptoStream({ limit: 100 });
    const pieces = [[6, "ghij"], [2, "cde"], [6, "gh"], [0, "ab"], [4, "efgh"]] as const;
    const lengths = pieces.map(([offset, piece]) => {
      assertEquals(stream.write(offset, bytesOf(piece)), true);
      return stream.contiguous.length;
    });
    assertEquals(lengths, [0, 0, 0, 5, 10]);
    assertEquals(stream.contiguous, bytesOf("abcdefghij"));
  },
});

Deno.test({
  name: "a piece beyond the limit is refused",
  permissions: "none",
  fn() {
    const stream = new CryptoStream({ limit: 5000 });
    assertEquals(stream.write(4990, new Uint8Array(10)), true);
    assertEquals(stream.write(4991, new Uint8Array(10)), false);
    assertEquals(stream.write(2 ** 60, new Uint8Array(1)), false);
  },
});

Deno.test({
  name: "a piece that contradicts another is refused",
  permissions: "none",
  fn() {
    const stream = new CryptoStream({ limit: 100 });
    stream.write(0, bytesOf("abc"));
    assertEquals(stream.write(2, bytesOf("cd")), true);
    assertEquals(stream.write(1, bytesOf("xc")), false);
  },
});
