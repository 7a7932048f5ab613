import { assertEquals } from "@std/assert";
import { parse } from "@std/yaml";
import { effectiveOptions, formatEffectiveYaml } from "../../lib/config/effective.ts";
import type { ConfigInput } from "../../lib/config/load_config.ts";
import { load, yaml } from "./load.ts";

function effective(input: ConfigInput): string {
  return formatEffectiveYaml(effectiveOptions(load(input)));
}

function lines(text: string, containing: string): string[] {
  return text.split("\n").filter((line) => line.includes(containing)).map((line) => line.trim());
}

Deno.test({
  name: "every value is shown with its place",
  permissions: "none",
  fn: () => {
    const text = effective({
      args: ["-v", "1"],
      env: { PMMUX__Q: "7" },
      ...yaml("pmmux:\n  backends: {web: {protocol: pass, target.port: 80}}\n  p: ['!:80', '?:81:tcp']"),
    });
    assertEquals(lines(text, "web:"), ["- 'web:pass:target.port=80'  # pmmux.yaml: backends.web"]);
    assertEquals(lines(text, "!:80"), ["- '!:80'  # pmmux.yaml: p[0]"]);
    assertEquals(lines(text, "verbosity"), ["verbosity: debug  # command line: --verbosity"]);
    assertEquals(lines(text, "queue"), ["queue-length: 7  # environment PMMUX__Q"]);
    assertEquals(lines(text, "watch"), ["watch: false  # default"]);
    assertEquals(lines(text, "health-checks"), ["health-checks: []"]);
    assertEquals(lines(text, "gateway"), []);
  },
});

Deno.test({
  name: "secrets, user information and what variables hold are not shown",
  permissions: "none",
  fn: () => {
    const text = effective({
      env: { PW: "hunter2", HOST: "hunter3" },
      args: [
        "-b",
        'a:"https://me:hunter4@x/y.ts":password=hunter5,url="http://u:hunter6@h",token={{env:PW}},host={{env:HOST}}',
        "-x",
        "https://me:hunter7@x/z.ts",
        "-d",
        "/{{env:HOST}}",
      ],
    });
    assertEquals(lines(text, "hunter"), []);
    assertEquals(lines(text, "a:"), [
      `- 'a:"https://***@x/y.ts":password=***,url="http://***@h",token=***,host={{env:HOST}}'` +
      "  # command line: backends[0]",
    ]);
    assertEquals(lines(text, "log-directory"), [
      "log-directory: '/{{env:HOST}}'  # command line: --log-directory",
    ]);
  },
});

for (
  const [name, input] of [
    ["compact specs", {
      args: [
        "-b",
        'a:b:"k=1"="x:y",z=\\d+',
        "-p",
        '!:80:tcp:bind-address="::"',
        "-z",
        "b:a:interval=1",
        "-v",
        "debug",
      ],
    }],
    [
      "structured specs",
      yaml(`
pmmux:
  backends: {"a:b": {protocol: "https://x/y.ts?a=b", x: [1, 2], t: {u: "#"}}, c: {protocol: noop}}
  port-bindings: [{local: 80}, {public: auto, local: 81, protocol: udp, listen: false}]
  health-checks: [{interval: 1}, {backend: c, path: "/"}]
  idle-timeout: 5`),
    ],
    [
      "values that the compact grammar cannot write",
      yaml(`
pmmux:
  backends: [{name: a, protocol: b, path: 'c:\\'}]
  health-checks: [{protocol: b, path: 'c:\\'}]`),
    ],
    ["a compact spec with quotes in odd places", { args: ["-b", 'a:b:x=1"2"3,y="4\\\\"'] }],
    ["variables", {
      args: ["-b", "{{env:SPEC}}", "-b", "x:{{env:P:-noop}}:k={{env:V}}", "-q={{env:Q:-7}}"],
      env: { SPEC: "y:noop", V: ':"' },
    }],
  ] as const
) {
  Deno.test({
    name: `what is shown is a file that gives the same configuration: ${name}`,
    permissions: "none",
    fn: () => {
      const env = { SPEC: "y:noop", V: ':"' };
      const shown = effective(input);
      assertEquals(Object.keys(parse(shown) as object), ["pmmux"]);
      assertEquals(load({ env, file: { name: "shown.yaml", text: shown } }).config, load(input).config);
    },
  });
}
