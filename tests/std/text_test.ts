import { assertEquals, assertThrows } from "@std/assert";
import { red, setColorEnabled, stripAnsiCode } from "@std/fmt/colors";
import { closestString, levenshteinDistance, wordSimilaritySort } from "@std/text";
import { compareSimilarity } from "@std/text/compare-similarity";

Deno.test({
  name: "the closest string is the one with the fewest edits",
  permissions: "none",
  fn(): void {
    const options = ["backends", "bind-timeout", "verbosity"];
    assertEquals(closestString("backend", options), "backends");
    assertEquals(wordSimilaritySort("verbose", options)[0], "verbosity");
    assertEquals(["ab", "a"].sort(compareSimilarity("a")), ["a", "ab"]);
    assertEquals(levenshteinDistance("kitten", "sitting"), 3);
    assertThrows(() => closestString("a", []), TypeError);
  },
});

Deno.test({
  name: "a coloured text stripped of its escape codes is the text",
  permissions: "none",
  fn(): void {
    setColorEnabled(true);
    assertEquals(stripAnsiCode(red("text")), "text");
  },
});
