import { assertEquals } from "@std/assert";
import { parseArguments } from "../../lib/config/arguments_layer.ts";
import { coreOptions, invocationOptions } from "../../lib/config/options.ts";
import { faults } from "./load.ts";

const table = [...invocationOptions, ...coreOptions];

function parse(
  ...args: string[]
): { given: Record<string, unknown[]>; operands: string[]; faults: string[] } {
  const reported: string[] = [];
  const reportAt = (source: string) => (message: string) => void reported.push(`${source}: ${message}`);
  const { given, operands } = parseArguments(args, { table, reportAt });
  const values = [...given].map(([key, { values }]) => [key, values.map(({ written }) => written)]);
  return { given: Object.fromEntries(values), operands: [...operands], faults: reported };
}

for (
  const [rule, args, given] of [
    ["a value follows its option", ["-q", "5", "--verbosity", "debug"], {
      queueLength: ["5"],
      verbosity: ["debug"],
    }],
    ["a value may follow an equals sign", ["--queue-length=5", "-v=debug"], {
      queueLength: ["5"],
      verbosity: ["debug"],
    }],
    ["a value may be attached to a letter", ["-q5", "-bweb:pass:a=1,b=2"], {
      queueLength: ["5"],
      backends: ["web:pass:a=1,b=2"],
    }],
    ["a value keeps its equals signs and line breaks", ["--backend=a:b:c=\nd", "-b=x:y:z=1"], {
      backends: ["a:b:c=\nd", "x:y:z=1"],
    }],
    ["a value may begin with an exclamation mark", ["-p", "!:80"], { portBindings: ["!:80"] }],
    ["a number stays the text that was written", ["-q", "007"], { queueLength: ["007"] }],
    ["CLI-22 an option is repeated with its name", ["-b", "a:noop", "--backends", "b:noop"], {
      backends: ["a:noop", "b:noop"],
    }],
    ["CLI-22 a flag may stand alone", ["--watch", "--log-metrics"], {
      watch: ["true"],
      logMetrics: ["true"],
    }],
    ["CLI-22 a flag may have a value", ["--watch", "false", "--log-metrics=True"], {
      watch: ["false"],
      logMetrics: ["True"],
    }],
    ["CLI-22 a flag that is negated has the opposite of its value", [
      "--no-watch=true",
      "--no-supervisor=FALSE",
    ], {
      watch: ["false"],
      supervisor: ["true"],
    }],
    ["a value that begins like a number keeps its case", ["-d", "-1ABC"], { logDirectory: ["-1ABC"] }],
    ["CLI-22 a flag may be negated", ["--no-watch", "--no-log-metrics", "false"], {
      watch: ["false"],
      logMetrics: ["true"],
    }],
    ["CLI-21 help has three names", ["-h"], { help: ["true"] }],
    ["CLI-21 help has three names", ["-?"], { help: ["true"] }],
    ["CLI-21 help has three names", ["--help"], { help: ["true"] }],
    ["CLI-21 the version can be asked for", ["--version"], { version: ["true"] }],
    ["CLI-01 the file is named here", ["-c", "a.yaml"], { configFile: ["a.yaml"] }],
  ] as const
) {
  Deno.test({
    name: `${rule}: ${args.join(" ")}`,
    permissions: "none",
    fn: () =>
      assertEquals(
        parse(...args),
        { given, operands: [], faults: [] } as unknown as ReturnType<typeof parse>,
      ),
  });
}

Deno.test({
  name: "words that belong to no option are operands, and so is everything after two dashes",
  permissions: "none",
  fn: () => {
    assertEquals(parse("one", "--watch", "2", "--", "-q", "--foo"), {
      given: { watch: ["true"] },
      operands: ["one", "2", "-q", "--foo"],
      faults: [],
    });
  },
});

for (
  const [rule, args, fault] of [
    [
      "CLI-22 a scalar is given once",
      ["-q", "1", "-q", "2"],
      "command line: --queue-length: given 2 times; it takes one value",
    ],
    ["a value is needed", ["-q"], "command line: --queue-length: needs a value"],
    ["the next option is no value", ["-q", "--watch"], "command line: --queue-length: needs a value"],
    ["an empty text is no value", ["--backend="], "command line: --backend: needs a value"],
    [
      "a misspelt option is told its name",
      ["--verbositi", "debug"],
      "command line: --verbositi: is no option; did you mean --verbosity?",
    ],
    [
      "a misspelt option is told its plural name",
      ["--port-bindngs", "x"],
      "command line: --port-bindngs: is no option; did you mean --port-bindings?",
    ],
    [
      "an unknown option is refused",
      ["--xyzzy=1"],
      "command line: --xyzzy: is no option; pmmux --help lists them",
    ],
    ["an unknown letter is refused", ["-Z"], "command line: -Z: is no option; pmmux --help lists them"],
    [
      "names of objects are no options",
      ["--__proto__=1"],
      "command line: --__proto__: is no option; pmmux --help lists them",
    ],
    [
      "the parser's own name for what is no option is none",
      ["--_=5"],
      "command line: --_: is no option; pmmux --help lists them",
    ],
    [
      "only flags are negated",
      ["--no-queue-length=5"],
      "command line: --no-queue-length: is no option; did you mean --queue-length?",
    ],
    [
      "CLI-25 what is not there yet is known",
      ["--tls-enforce"],
      "command line: --tls-enforce: this version of pmmux does not have TLS termination yet",
    ],
  ] as const
) {
  Deno.test({
    name: `${rule}: ${args.join(" ")}`,
    permissions: "none",
    fn: () => assertEquals(parse(...args).faults, [fault]),
  });
}

Deno.test({
  name: "CLI-22 one name is not enough for two values",
  permissions: "none",
  fn: () => {
    assertEquals(parse("-b", "a:noop", "b:noop").operands, ["b:noop"]);
    assertEquals(faults({ args: ["-b", "a:noop", "b:noop"] }), [
      'command line: found "b:noop", which belongs to no option; ' +
      "every value needs its option's name before it, as in -b one -b two",
    ]);
  },
});
