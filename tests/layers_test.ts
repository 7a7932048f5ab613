import { assertEquals } from "@std/assert";
import { layoutRules } from "./support/layers.ts";
import { readSource, readSourceTree, type SourceFile } from "./support/source_file.ts";

const sources = (await readSourceTree("lib")).filter(({ path }) => !path.startsWith("lib/std/"));

for (const [demand, rule] of Object.entries(layoutRules)) {
  Deno.test({
    name: `layout: ${demand}`,
    permissions: "none",
    fn: () => assertEquals(rule(sources), [], `broken: ${demand}`),
  });
}

Deno.test({
  name: "the layout rules find each breach in a tree that breaks them all",
  permissions: "none",
  fn(): void {
    const tree: Record<string, string> = {
      "lib/protocol/ssh.ts": `import type { Config } from "../config/types.ts"; export * from "./bytes.ts";`,
      "lib/protocol/bytes.ts": `/** Deno.open */ export const text = "Deno.listen"; void Deno.readFile;`,
      "lib/config/types.ts": `export type Relay = import("../net/relay.ts").Relay;`,
      "lib/net/relay.ts": `import "../backends/pass.ts"; Deno.listen({ port: 0 });`,
      "lib/backends/pass.ts":
        `const { relay } = await import("../net/relay.ts"); Deno.connect({ port: relay });`,
      "lib/routing/healthState.ts": `import { Buffer } from "node:buffer"; let conn: Deno.Conn | Buffer;`,
      "lib/telemetry/log.ts": `import "../engine/engine.ts";`,
      "lib/engine/engine.ts": `import "../cli/main.ts";`,
      "lib/http/long.ts": `import "../../tests/support/long.ts";${"\n// no code\n;".repeat(350)}`,
    };
    const files = Object.entries(tree).map(([path, text]): SourceFile => readSource(path, text));
    const found = Object.values(layoutRules).map((rule) => rule(files));
    assertEquals(found, [
      ["lib/protocol/ssh.ts imports lib/config/types.ts"],
      ["lib/config/types.ts imports lib/net/relay.ts"],
      ["lib/routing/healthState.ts imports node:buffer"],
      ["lib/net/relay.ts imports lib/backends/pass.ts"],
      ["lib/telemetry/log.ts imports lib/engine/engine.ts"],
      ["lib/engine/engine.ts imports lib/cli/main.ts"],
      ["lib/http/long.ts imports tests/support/long.ts"],
      ["lib/protocol/bytes.ts names Deno.readFile", "lib/routing/healthState.ts names Deno.Conn"],
      ["lib/backends/pass.ts names Deno.connect"],
      ["lib/routing/healthState.ts"],
      ["lib/http/long.ts has 351"],
      ["lib/net/relay.ts → lib/backends/pass.ts → lib/net/relay.ts"],
    ]);
  },
});
