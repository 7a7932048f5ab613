import { assertEquals, assertThrows } from "@std/assert";
import { closestString, levenshteinDistance } from "@std/text";

Deno.test({
  name: "the closest string is the one with the fewest edits",
  permissions: "none",
  fn(): void {
    assertEquals(closestString("backend", ["backends", "bind-timeout", "verbosity"]), "backends");
    assertEquals(levenshteinDistance("kitten", "sitting"), 3);
    assertThrows(() => closestString("a", []), TypeError);
  },
});
