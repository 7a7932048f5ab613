import { assertEquals, assertInstanceOf, assertMatch, assertThrows } from "@std/assert";
import { parse as parseToml, stringify as stringifyToml } from "@std/toml";
import { parse as parseYaml, stringify as stringifyYaml } from "@std/yaml";

const configuration = { pmmux: { backends: ["web:pass:target=127.0.0.1"], "max-connections": 10 } };

Deno.test({
  name: "TOML and YAML give back what was written",
  permissions: "none",
  fn(): void {
    assertEquals<unknown>(parseToml(stringifyToml(configuration)), configuration);
    assertEquals(parseYaml(stringifyYaml(configuration)), configuration);
  },
});

Deno.test({
  name: "malformed TOML and YAML are syntax errors that name the line and column",
  permissions: "none",
  fn(): void {
    for (const broken of [() => parseToml("a = 1\nb = = 2\n"), () => parseYaml("a: 1\nb: [2\n")]) {
      const error = assertThrows(broken);
      assertInstanceOf(error, SyntaxError);
      assertMatch(error.message, /line \d+,? column \d+/);
    }
  },
});
