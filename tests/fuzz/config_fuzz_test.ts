import { assert, assertEquals } from "@std/assert";
import { parse as parseYaml } from "@std/yaml";
import { parseBackendSpec } from "../../lib/config/backend_spec.ts";
import { parseBindingSpec } from "../../lib/config/binding_spec.ts";
import { parseCompact, type Segment } from "../../lib/config/compact.ts";
import { formatCompact } from "../../lib/config/compact_format.ts";
import { effectiveOptions, formatEffectiveYaml } from "../../lib/config/effective.ts";
import { ConfigError } from "../../lib/config/errors.ts";
import { parseHealthCheckSpec } from "../../lib/config/health_check_spec.ts";
import { loadConfig } from "../../lib/config/load_config.ts";
import { coreOptions, invocationOptions } from "../../lib/config/options.ts";
import { fuzzRounds, Random } from "../support/fuzz.ts";

const ROUNDS = fuzzRounds();
const encoder = new TextEncoder();
const decoder = new TextDecoder();

const WORDS = [
  "web",
  "pass",
  "a",
  "",
  " ",
  "::1",
  "https",
  "//x",
  "jsr",
  "@a/b",
  "!",
  "?",
  "80",
  "tcp",
  "interval",
  "1",
];
const MARKS = [":", ",", "=", '"', "\\", " ", "{{env:A}}", "{{env:B:-x}}", "{{env:", "}}", ";", "é", "\n"];

function text(random: Random, pieces: number): string {
  const piece = () => random.pick(random.below(2) === 0 ? WORDS : MARKS);
  return Array.from({ length: random.below(pieces) }, piece).join("");
}

/** Runs what may refuse its input, but only in the way made for that. */
function refusable<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

/** Whether the compact grammar has a form for a text: a backslash before a quote or the end has none. */
function isWritable(value: string): boolean {
  return !/(?<!\\)(\\\\)*\\("|$)/.test(value) && !value.includes("{{env:");
}

Deno.test({
  name: "any text is either a spec or refused as one",
  permissions: "inherit",
  fn: () => {
    const random = new Random(1);
    for (let round = 0; round < ROUNDS; round++) {
      const spec = text(random, 16);
      refusable(() => parseCompact(spec));
      refusable(() => parseBackendSpec(spec));
      refusable(() => parseBindingSpec(spec, 0));
      refusable(() => parseHealthCheckSpec(spec));
    }
  },
});

Deno.test({
  name: "what is parsed, written and parsed again is the same",
  permissions: "inherit",
  fn: () => {
    const random = new Random(2);
    let written = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const spec = text(random, 12);
      const segments = refusable(() => parseCompact(spec));
      const canonical = segments && formatCompact(segments);
      if (canonical === undefined) continue;
      written++;
      assertEquals(parseCompact(canonical), segments, spec);
      assertEquals(formatCompact(parseCompact(canonical)), canonical, spec);
    }
    assert(written > ROUNDS / 10, `only ${written} specs were written`);
  },
});

Deno.test({
  name: "every value without a backslash before a quote or at its end has a compact form",
  permissions: "inherit",
  fn: () => {
    const random = new Random(3);
    const value = () => text(random, 8);
    for (let round = 0; round < ROUNDS; round++) {
      const properties = new Map(Array.from({ length: 1 + random.below(3) }, () => [value(), value()]));
      const segments: Segment[] = [{ kind: "identifier", text: value() }, { kind: "properties", properties }];
      const spec = formatCompact(segments);
      if (spec !== undefined) assertEquals(parseCompact(spec), segments, spec);
      const texts = [segments[0] as { text: string }].map((segment) => segment.text);
      const all = [...texts, ...properties.keys(), ...properties.values()];
      if (all.every(isWritable)) assert(spec !== undefined, JSON.stringify([...properties]));
    }
  },
});

Deno.test({
  name: "the time to parse grows with the length of the spec, not faster",
  permissions: "inherit",
  fn: () => {
    for (const piece of [":", ",", "a=1,", '"a"', '"\\"', "{", "\\", "{{env:A}}"]) {
      const start = performance.now();
      refusable(() => parseCompact(piece.repeat(100_000)));
      const elapsed = performance.now() - start;
      assert(elapsed < 5_000, `${piece} took ${elapsed} ms`);
    }
  },
});

const FILES: Readonly<Record<string, string>> = {
  "pmmux.toml": `[pmmux]
backends = ["web:pass:target.ip=127.0.0.1,target.port={{env:A:-80}}", 'q:noop:x="a,b"']
port-bindings = ["!:8080:tcp:bind-address=\\"::\\"", "?:?"]
verbosity = "debug"
queue-length = 5
log-metrics = true
`,
  "tables.toml": `[pmmux.backends.web]
protocol = "pass"
target.ip = "127.0.0.1"
"property[tls]!" = ["a", "b;c"]
[[pmmux.port-bindings]]
local = 80
public = "auto"
`,
  "pmmux.yaml": `
x-common: &common {protocol: pass, priority: vip}
pmmux:
  backends:
    web: {<<: *common, target: {ip: "::1", port: 80}}
  port-bindings: [{local: 80, protocol: tcp}, "!:81"]
  health-checks:
    - {protocol: pass, interval: 1000}
  gateway: 192.0.2.1
  extensions: Pmmux.Extensions.Http.dll
`,
  "pmmux.json": JSON.stringify({
    $schema: "x",
    pmmux: {
      backends: [{ name: "a", protocol: "noop" }, "b:noop"],
      verbosity: 2,
      watch: false,
      p: { 0: "!:80" },
    },
  }),
};

for (const [name, seed] of Object.entries(FILES)) {
  Deno.test({
    name: `a damaged file gives a configuration or faults: ${name}`,
    permissions: "inherit",
    fn: () => {
      const random = new Random(4);
      assert(loadConfig({ file: { name, text: seed } }).config, "the undamaged file is right");
      for (let round = 0; round < ROUNDS; round++) {
        const damaged = decoder.decode(random.mutate(encoder.encode(seed)));
        const loaded = loadConfig({ file: { name, text: damaged }, env: { A: '1,"' } });
        if (loaded.errors) {
          assert(loaded.errors.every(({ message, source }) => message !== "" && source), damaged);
        } else assertShownAgain(loaded, damaged);
      }
    },
  });
}

/** What is shown of a configuration is a file that gives the same configuration. */
function assertShownAgain(loaded: Parameters<typeof effectiveOptions>[0], damaged: string): void {
  const shown = formatEffectiveYaml(effectiveOptions(loaded));
  parseYaml(shown);
  if (shown.includes("***")) return;
  const again = loadConfig({ file: { name: "shown.yaml", text: shown }, env: { A: '1,"' } });
  assertEquals(again.config, loaded.config, damaged);
}

Deno.test({
  name: "any command line gives a configuration or faults",
  permissions: "inherit",
  fn: () => {
    const random = new Random(5);
    const names = [...coreOptions, ...invocationOptions].flatMap(({ name, aliases = [] }) => [
      `--${name}`,
      `--no-${name}`,
      ...aliases.map((alias) => `-${alias}`),
    ]);
    const argument = () => {
      const name = random.pick(names);
      return random.pick([
        name,
        `${name}=${text(random, 4)}`,
        `${name}${text(random, 3)}`,
        text(random, 4),
        "--",
        "true",
      ]);
    };
    for (let round = 0; round < ROUNDS; round++) {
      const args = Array.from({ length: random.below(6) }, argument);
      const loaded = loadConfig({ args, env: { A: "1" } });
      assert(loaded.config !== undefined || loaded.errors.length > 0, JSON.stringify(args));
    }
  },
});
