import { assert } from "@std/assert";
import { RE2JS } from "re2js";
import { compilePayload } from "../../lib/routing/byte_pattern.ts";
import { bytesOf } from "../support/verdicts.ts";
import { fuzzRounds, Random } from "../support/fuzz.ts";

const ATOMS = ["a", "b", ".", "[ab]", "[^a]", "\\n", "(?i:a)", "(?m:^)", "(a|bc)", "(ab)*", "(?:b+|c)?"];
const REPEATS = ["", "", "", "*", "+", "?", "{2,3}", "*?"];
const CHARACTERS = [..."abcAB\n"];

function text(random: Random, length: number): string {
  return Array.from({ length }, () => random.pick(CHARACTERS)).join("");
}

function pattern(random: Random): string {
  const piece = () => `(?:${random.pick(ATOMS)})${random.pick(REPEATS)}`;
  const sequence = () => Array.from({ length: 1 + random.below(4) }, piece).join("");
  return random.below(3) === 0 ? `${sequence()}|${sequence()}` : sequence();
}

Deno.test({
  name: "a byte pattern fits what RE2 fits, and refuses only what nothing can mend",
  permissions: { env: ["PMMUX_FUZZ"] },
  fn() {
    const random = new Random(20);
    for (let round = 0; round < Math.min(fuzzRounds(), 20_000); round++) {
      const source = pattern(random);
      const judge = compilePayload(source);
      const re2 = RE2JS.compile(source, RE2JS.DOTALL);
      const whole = text(random, random.below(8));
      let verdict = judge(bytesOf(""));
      for (let length = 0; length <= whole.length; length++) {
        const start = whole.slice(0, length);
        const said = judge(bytesOf(start));
        const context = `${JSON.stringify(source)} on ${JSON.stringify(start)}: ${said} after ${verdict}`;
        assert(verdict === "incomplete" || said === verdict, context);
        assert((said === "match") === re2.matcher(start).lookingAt(), context);
        verdict = said;
      }
    }
  },
});
