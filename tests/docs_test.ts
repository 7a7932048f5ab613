import { assert, assertArrayIncludes, assertEquals } from "@std/assert";
import manifest from "../deno.json" with { type: "json" };
import { PASS_PARAMETERS } from "../lib/backends/pass.ts";
import { commands } from "../lib/cli/commands.ts";
import { BINDING_PARAMETERS } from "../lib/config/binding_spec.ts";
import { HEALTH_CHECK_TIMINGS } from "../lib/config/health_check_spec.ts";
import { loadConfig } from "../lib/config/load_config.ts";
import { extendTable, findOption } from "../lib/config/option_table.ts";
import { coreOptions, invocationOptions } from "../lib/config/options.ts";
import { validateBackends } from "../lib/engine/validate_backends.ts";
import { builtInModules } from "../lib/engine/loader.ts";
import { detectorNames } from "../lib/protocol/table.ts";
import { matcherNames } from "../lib/routing/matchers.ts";
import { PASSIVE_HEALTH_PARAMETERS } from "../lib/routing/passive_health.ts";
import { strategies } from "../lib/routing/strategies.ts";
import { METRICS } from "../lib/telemetry/metric_names.ts";
import { pmmux } from "./cli/fake_host.ts";
import { commandLines, parseMarkdown, shellWords } from "./support/markdown.ts";
import { withOptions } from "./support/option_document.ts";

const root = new URL("../", import.meta.url);
const documents = new Map(["README.md", ...guides()].map((path) => [path, read(path)]));
const parsed = new Map([...documents].map(([path, text]) => [path, parseMarkdown(text)]));
const readme = documents.get("README.md")!;

/** Options of other programs that the documents speak of. */
const FOREIGN_OPTIONS = [
  "--allow-sys",
  "--allow-run",
  "--unstable-net",
  "--unstable-worker-options",
  "--allow-net",
  "--no-remote",
  "--no-npm",
];

function guides(): string[] {
  const entries = [...Deno.readDirSync(new URL("docs/", root))];
  return entries.filter(({ name }) => name.endsWith(".md")).map(({ name }) => `docs/${name}`).toSorted();
}

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, root));
}

/** The blocks of all documents in one of some languages, each with its place. */
function blocks(...languages: readonly string[]): { place: string; language: string; text: string }[] {
  return [...parsed].flatMap(([path, document]) =>
    document.blocks.filter(({ language }) => languages.includes(language))
      .map(({ language, text, line }) => ({ place: `${path}:${line}`, language, text }))
  );
}

for (const { place, text } of blocks("sh")) {
  for (const line of commandLines(text)) {
    const words = shellWords(line);
    const start = words.findIndex((word) => !/^\w+=/.test(word));
    if (words[start] === "pmmux") {
      const env = Object.fromEntries(words.slice(0, start).map((word) => word.split("=", 2)));
      Deno.test(`${place}: ${line} is a right command line`, () =>
        assertAccepted(words.slice(start + 1), env));
    } else if (/\bdeno(@\S+)? task/.test(line)) {
      Deno.test(`${place}: ${line} runs a task that there is`, () => {
        const name = words[words.indexOf("task") + 1]!;
        assert(Object.hasOwn(manifest.tasks, name), name);
      });
    }
  }
}

async function assertAccepted(args: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  const named = args[0]?.startsWith("-") ? undefined : args[0];
  const options = named === undefined ? args : args.slice(1);
  // Carrying traffic is not needed to know whether it could be.
  const command = named === undefined || named === "run" ? "check" : named;
  const file = blocks("toml")[0]!.text;
  const files = { "pmmux.toml": file, "/etc/pmmux.toml": file, "/etc/pmmux/pmmux.toml": file };
  const help = command === "demo" ? ["--help"] : [];
  const { status, err } = await pmmux([command, ...options, ...help], { env, files, validateBackends });
  // Whoever replaces the file's backends is told of the file's health checks.
  const told = err.split("\n").filter((line) => line !== "" && !line.includes("applies to nothing"));
  assertEquals([status, told], [0, []]);
}

for (const { place, text } of blocks("console")) {
  const [prompt, ...output] = text.trimEnd().split("\n");
  Deno.test(`${place}: the command answers as shown`, async () => {
    const [program, ...args] = shellWords(prompt!.replace(/^\$ /, ""));
    assertEquals(program, "pmmux");
    const { out } = await pmmux(args, { validateBackends });
    assertEquals(out.split("\n"), output);
  });
}

for (const { place, language, text } of blocks("toml", "yaml", "json")) {
  Deno.test(`${place}: the configuration is right`, async () => {
    const { config, errors } = loadConfig({ file: { name: `sample.${language}`, text } });
    assertEquals(errors?.map(String), undefined);
    assertEquals((await validateBackends(config!)).map(String), []);
    assert(config!.backends.length > 0);
  });
}

Deno.test("a project that lists a clone as the guide says has the library, without JSR", async () => {
  const { blocks } = parsed.get("docs/library.md")!;
  const directory = await Deno.makeTempDir({ prefix: "pmmux-test-" });
  try {
    const project = `${directory}/project`;
    await Deno.mkdir(project);
    await Deno.symlink(root, `${directory}/pmmux`);
    await Deno.writeTextFile(`${project}/deno.json`, blocks.find(({ text }) => text.startsWith("{"))!.text);
    await Deno.writeTextFile(`${project}/main.ts`, blocks.find(({ language }) => language === "ts")!.text);
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-lock", "--allow-net=127.0.0.1", "main.ts"],
      cwd: project,
      env: { JSR_URL: "http://127.0.0.1:1/" },
    }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assert(success, err);
    assert(/^listening on port \d+$/m.test(out!), out);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("every option that is mentioned exists", () => {
  const own = commands.flatMap(({ options = [] }) => [...options]);
  const tables = [extendTable(coreOptions, invocationOptions), own];
  for (const [path, { spans }] of parsed) {
    for (const span of spans) {
      const name = /^--[a-z][\w-]*/.exec(span)?.[0];
      if (name === undefined || FOREIGN_OPTIONS.includes(name)) continue;
      const positive = name.replace(/^--no-/, "--");
      assert(tables.some((table) => findOption(table, positive)), `${path} mentions ${name}`);
    }
  }
});

Deno.test("links lead to files and headings that are there", () => {
  for (const [path, { links }] of parsed) {
    for (const link of links.filter((link) => !link.startsWith("https://"))) {
      const { pathname, hash } = new URL(link, new URL(path, root));
      const target = pathname.slice(root.pathname.length) || path;
      assert(Deno.statSync(new URL(target, root)), `${path} links to ${link}`);
      const anchors = parsed.get(target)?.anchors ?? [];
      assert(hash === "" || anchors.includes(hash.slice(1)), `${path} links to ${link}`);
    }
  }
});

Deno.test("the table of options is current; if not: PMMUX_WRITE_DOCS=1 deno test -A tests/docs_test.ts", () => {
  const current = withOptions(readme, coreOptions);
  if (Deno.env.get("PMMUX_WRITE_DOCS") === "1") {
    Deno.writeTextFileSync(new URL("README.md", root), current);
  } else {
    assertEquals(readme, current);
  }
});

for (
  const [what, names, paths] of [
    ["matcher", matcherNames, ["README.md", "docs/backends.md"]],
    ["strategy", [...strategies.keys()], ["README.md", "docs/backends.md"]],
    ["protocol", [...builtInModules.keys()], ["docs/backends.md"]],
    ["detected protocol", detectorNames, ["docs/backends.md"]],
    ["parameter of pass", PASS_PARAMETERS, ["docs/backends.md"]],
    ["passive health parameter", PASSIVE_HEALTH_PARAMETERS, ["docs/backends.md"]],
    ["binding parameter", BINDING_PARAMETERS, ["docs/configuration.md"]],
    ["timing of health checks", Object.keys(HEALTH_CHECK_TIMINGS), ["docs/backends.md"]],
  ] as const
) {
  Deno.test(`every ${what} is described`, () => {
    for (const path of paths) {
      const spans = parsed.get(path)!.spans.map((span) => span.replace(/\[.*\]/, "[…]"));
      assertArrayIncludes(spans, [...names], path);
    }
  });
}

Deno.test("every metric that is described is reported", () => {
  const { spans } = parsed.get("docs/operation.md")!;
  const described = spans.filter((span) => /^(router|backend|client)\.[\w.]+$/.test(span));
  assert(described.length > 10);
  assertArrayIncludes(METRICS.map(({ name }): string => name), described);
});

Deno.test("the service starts pmmux with options that it has", async () => {
  const start = /^ExecStart=\S+ run -A \S+\/main.ts (.*)$/m.exec(read("docs/pmmux.service"))![1]!;
  await assertAccepted(shellWords(start), {});
});

Deno.test("the README is short enough to be read", () => {
  assert(readme.split("\n").length <= 400);
});
