import { assertEquals } from "@std/assert";
import type { BackendSpec } from "../../lib/config/types.ts";
import { faults, json, load, toml, yaml } from "./load.ts";

const expectedBackends: BackendSpec[] = [
  { name: "web", protocol: "pass", parameters: { "target.ip": "127.0.0.1", "target.port": "80" } },
  { name: "rest", protocol: "noop", parameters: {} },
];
const compactBackends = ["web:pass:target.ip=127.0.0.1,target.port=80", "rest:noop"];

for (
  const [format, input] of [
    [
      "TOML",
      toml(
        `[pmmux]\nbackends = ${
          JSON.stringify(compactBackends)
        }\nverbosity = "debug"\nqueue-length = 5\nwatch = true`,
      ),
    ],
    [
      "YAML",
      yaml(
        `pmmux:\n  backends: ${
          JSON.stringify(compactBackends)
        }\n  verbosity: debug\n  queue-length: 5\n  watch: true`,
      ),
    ],
    [
      "JSON",
      json({
        pmmux: { "backends": compactBackends, "verbosity": "debug", "queue-length": "5", "watch": "true" },
      }),
    ],
    [
      "YAML with a map of backends",
      yaml(`
pmmux:
  backends:
    web: {protocol: pass, target.ip: 127.0.0.1, target.port: 80}
    rest: {protocol: noop}
  verbosity: debug
  queue-length: 5
  watch: true`),
    ],
    [
      "TOML with a table of backends",
      toml(`
[pmmux]
verbosity = "debug"
queue-length = 5
watch = true
[pmmux.backends.web]
protocol = "pass"
target.ip = "127.0.0.1"
target.port = 80
[pmmux.backends.rest]
protocol = "noop"`),
    ],
    [
      "JSON with a list of mappings",
      json({
        $schema: "./pmmux.schema.json",
        pmmux: {
          "backends": [
            { name: "web", protocol: "pass", target: { ip: "127.0.0.1", port: 80 } },
            "rest:noop",
          ],
          "verbosity": 1,
          "queue-length": 5,
          "watch": true,
        },
      }),
    ],
  ] as const
) {
  Deno.test({
    name: `CLI-48 ${format} says the same as every other format`,
    permissions: "none",
    fn: () => {
      const { backends, verbosity, queueLength, watch } = load(input).config;
      assertEquals(backends, expectedBackends);
      assertEquals([verbosity, queueLength, watch], ["debug", 5, true]);
    },
  });
}

Deno.test({
  name: "CLI-40 the root and the keys may have any case, hyphens or underscores, and any name of the option",
  permissions: "none",
  fn: () => {
    const { config } = load(yaml('PMMux:\n  Port_Binding: ["!:80:tcp"]\n  B: a:noop\n  --Queue-Length: 5'));
    assertEquals(config.portBindings.length, 1);
    assertEquals(config.backends.length, 1);
    assertEquals(config.queueLength, 5);
  },
});

Deno.test({
  name: "CLI-43 a map with numbers as its keys is a list",
  permissions: "none",
  fn: () => {
    const { backends } = load(json({ pmmux: { backends: { 1: "b:noop", 0: "a:noop" } } })).config;
    assertEquals(backends.map(({ name }) => name), ["a", "b"]);
  },
});

Deno.test({
  name: "backends may have numbers for names, and a single one may stand for a list",
  permissions: "none",
  fn: () => {
    const names = (backends: unknown) =>
      load(json({ pmmux: { backends } })).config.backends.map(({ name, protocol }) => [name, protocol]);
    assertEquals(names({ 1: { protocol: "noop" }, 2: { protocol: "noop" } }), [["1", "noop"], ["2", "noop"]]);
    assertEquals(names({ 0: { name: "a", protocol: "noop" } }), [["a", "noop"]]);
    assertEquals(names({ name: "a", protocol: "noop" }), [["a", "noop"]]);
    assertEquals(names({ name: { protocol: "noop" }, protocol: { protocol: "noop" } }), [
      ["name", "noop"],
      ["protocol", "noop"],
    ]);
  },
});

Deno.test({
  name: "CLI-43 W-CFG-11 a single value where a list is expected is a list of one",
  permissions: "none",
  fn: () => {
    const { config } = load(
      yaml("pmmux:\n  backends: a:noop\n  port-bindings: {local: 80}\n  health-checks: pass"),
    );
    assertEquals([config.backends.length, config.portBindings.length, config.healthChecks.length], [1, 2, 1]);
  },
});

Deno.test({
  name: "an empty file, an empty root and a key without a value give nothing",
  permissions: "none",
  fn: () => {
    for (
      const input of [toml(""), yaml(""), yaml("pmmux:"), json({}), yaml("pmmux:\n  gateway:\n  backends:")]
    ) {
      assertEquals(load(input).config.backends, []);
    }
  },
});

Deno.test({
  name: "a file may begin with a byte order mark",
  permissions: "none",
  fn: () => assertEquals(load(toml("\uFEFF[pmmux]\nqueue-length = 5")).config.queueLength, 5),
});

Deno.test({
  name: "backends keep the order of the file, which is their order of preference",
  permissions: "none",
  fn: () => {
    const tables = ["zebra", "b2", "alpha", "a-1"].map((name) =>
      `[pmmux.backends.${name}]\nprotocol = "noop"`
    );
    const { backends } = load(toml(tables.join("\n"))).config;
    assertEquals(backends.map(({ name }) => name), ["zebra", "b2", "alpha", "a-1"]);
  },
});

Deno.test({
  name: "the structured form of parameters: nested keys get dots, lists semicolons, numbers and flags text",
  permissions: "none",
  fn: () => {
    const { backends } = load(yaml(`
pmmux:
  backends:
    "a:b":
      protocol: https://example.com/echo.ts?v=1
      priority: vip
      remote-ip: [10.0.0.0/8, "fd00::/8"]
      property[tls]!: "true"
      target: {ip: "::1", port: 80}
      fast: true
      ratio: 0.5
      text: 'quotes " colons : commas , equals = \\'
      pattern: ["a;b", 'c\\;d']
`)).config;
    assertEquals(backends, [{
      name: "a:b",
      protocol: "https://example.com/echo.ts?v=1",
      parameters: {
        "priority": "vip",
        "remote-ip": "10.0.0.0/8;fd00::/8",
        "property[tls]!": "true",
        "target.ip": "::1",
        "target.port": "80",
        "fast": "true",
        "ratio": "0.5",
        "text": 'quotes " colons : commas , equals = \\',
        "pattern": "a\\;b;c\\;d",
      },
    }]);
  },
});

Deno.test({
  name: "the structured form of port bindings",
  permissions: "none",
  fn: () => {
    const { portBindings } = load(yaml(`
pmmux:
  port-bindings:
    - {public: 443, local: 8443, protocol: tcp, bind-address: "::"}
    - {public: auto, local: auto, protocol: udp}
    - {local: 53, listen: true}
    - {public: none, local: 80, protocol: tcp, proxy-protocol: accept, proxy-protocol-from: [10.0.0.0/8, "::1"]}
`)).config;
    const rest = { bindAddress: "0.0.0.0", listen: true, parameters: {} };
    assertEquals(portBindings, [
      { ...rest, index: 0, networkProtocol: "tcp", publicPort: 443, localPort: 8443, bindAddress: "::" },
      { ...rest, index: 1, networkProtocol: "udp", publicPort: "auto", localPort: "auto" },
      { ...rest, index: 2, networkProtocol: "tcp", localPort: 53 },
      { ...rest, index: 2, networkProtocol: "udp", localPort: 53 },
      {
        ...rest,
        index: 3,
        networkProtocol: "tcp",
        localPort: 80,
        parameters: { "proxy-protocol": "accept", "proxy-protocol-from": "10.0.0.0/8;::1" },
      },
    ]);
  },
});

Deno.test({
  name: "the structured form of health checks",
  permissions: "none",
  fn: () => {
    const { healthChecks } = load(yaml(`
pmmux:
  health-checks:
    - {interval: 1000}
    - {protocol: pass, backend: web, timeout: 500, path: /health}
    - {backend: db}
`)).config;
    assertEquals(
      healthChecks.map(({ protocol, backend, interval, timeout, parameters }) => [
        protocol,
        backend,
        interval,
        timeout,
        parameters,
      ]),
      [
        [undefined, undefined, 1000, 5000, { interval: "1000" }],
        ["pass", "web", 10000, 500, { timeout: "500", path: "/health" }],
        [undefined, "db", 10000, 5000, {}],
      ],
    );
  },
});

const malformed: readonly (readonly [rule: string, name: string, text: string, fault: string])[] = [
  [
    "CLI-46 the format is known by the name",
    "pmmux.ini",
    "",
    "pmmux.ini: the name must end in .toml, .yaml, .yml, .json",
  ],
  [
    "malformed TOML has a line and a column",
    "a.toml",
    "[pmmux]\nverbosity = debug",
    "a.toml: malformed toml: Cannot parse value at line 2, column 13",
  ],
  [
    "malformed YAML has a line and a column",
    "a.yml",
    "pmmux:\n  a: b: c",
    "a.yml: malformed yml: Cannot read block as explicit mapping pair is incomplete: " +
    "a key node is missed or followed by a non-tabulated empty line at line 2, column 7",
  ],
  [
    "malformed JSON has a line and a column",
    "a.json",
    '{"pmmux":\n {"a": }}',
    "a.json: malformed json: Unexpected token '}' at line 2, column 8",
  ],
  [
    "an empty text is no JSON",
    "a.json",
    "",
    "a.json: malformed json: Unexpected end of JSON input at line 1, column 1",
  ],
  [
    "a key is there once",
    "a.yaml",
    "pmmux:\n  b: x\n  b: y",
    "a.yaml: malformed yaml: Cannot store mapping pair: duplicated key at line 3, column 3",
  ],
  [
    "a key is there once",
    "a.toml",
    "[pmmux]\nwatch = true\nwatch = false",
    "a.toml: malformed toml: duplicate key watch at line 3, column 1",
  ],
  [
    "a key is there once",
    "a.json",
    '{"pmmux": {"watch": true,\n "watch": false}}',
    'a.json: malformed json: duplicate key "watch" at line 2, column 2',
  ],
  ["the root is a mapping", "a.yaml", "- pmmux", 'a.yaml: must have everything under "pmmux"'],
  ["the root has options", "a.yaml", "pmmux: 3", "a.yaml: pmmux: must have the options as its keys"],
  ["the root is there once", "a.yaml", "pmmux: {}\nPmmux: {}", "a.yaml: Pmmux: is there twice"],
  ["options stand under the root", "a.toml", "backends = []", 'a.toml: backends: must stand under "pmmux"'],
  [
    "nothing else stands at the top",
    "a.toml",
    "[pmux]",
    'a.toml: pmux: is unknown here; options stand under "pmmux"',
  ],
  ["aliases that contain themselves end", "a.yaml", "pmmux: &a {b: *a}", "a.yaml: is nested too deeply"],
  [
    "aliases of aliases end",
    "a.yaml",
    [
      "x-0: &a0 [1, 2]",
      ...Array.from({ length: 12 }, (_, i) => `x-${i}: &a${i + 1} [${`*a${i}, `.repeat(10)}]`),
    ]
      .join("\n").replace("x-0: &a1", "x-a: &a1"),
    "a.yaml: has aliases that stand for too much",
  ],
  ...(["a.json", "a.yaml", "a.toml"] as const).map((name) =>
    [
      "what is nested deeper than the parser can go is told like that",
      name,
      `${name === "a.toml" ? "a = " : ""}${"[".repeat(50_000)}${"]".repeat(50_000)}`,
      `${name}: is nested too deeply`,
    ] as const
  ),
  [
    "a text that YAML takes for a tag needs quotes",
    "a.yaml",
    'pmmux:\n  # not "!:80:tcp"\n  port-bindings:\n    - "!:80:tcp"\n    - !:80:tcp\n',
    'a.yaml: malformed yaml: a text that begins with "!" needs quotes, as in "!:80:tcp", at line 5, column 7',
  ],
  [
    "a value that is missing is missed where it should be",
    "a.toml",
    "[pmmux]\nqueue-length = \n\nwatch = true\n",
    'a.toml: malformed toml: found no value after "=" at line 2, column 15',
  ],
  [
    "a tab indents nothing",
    "a.yaml",
    "pmmux:\n\tbackends: []\n",
    'a.yaml: backends: must stand under "pmmux"; line 2 begins with a tab, which does not indent',
  ],
];

for (const [rule, name, text, fault] of malformed) {
  Deno.test({
    name: `${rule}: ${name}`,
    permissions: "none",
    fn: () => assertEquals(faults({ file: { name, text } }), [fault]),
  });
}

const wrong: readonly (readonly [rule: string, text: string, faults: readonly string[]])[] = [
  ["W-CFG-8 an unknown key is told the right one", "verbositi: debug", [
    "verbositi: is no option; did you mean verbosity?",
  ]],
  ["CLI-01 the file cannot name a file", "config-file: x", [
    "config-file: is an option of the command line only",
  ]],
  ["two names of one option are refused", "b: a:noop\n  backends: b:noop", [
    "backends: is another name of b, which is given too",
  ]],
  ["CLI-28 what is not there yet is known", "acme-email: a@b", [
    "acme-email: this version of pmmux does not have ACME certificates yet",
  ]],
  ["a scalar is no list", "verbosity: [debug]", ["verbosity: takes one value, not a list"]],
  ["a scalar is no mapping", "verbosity: {a: 1}", ["verbosity: takes a text, a number, true or false"]],
  ["a date is no text", "log-directory: 2020-01-01", [
    "log-directory: takes a text, a number, true or false",
  ]],
  ["a number has a range", "queue-length: 1.5", [
    'queue-length: "1.5" is not a whole number from 1 to 65535 (connections)',
  ]],
  ["a text in a list is a text", "extensions: [[a]]", ["extensions[0]: must be a text or a mapping"]],
  ["a backend in a map is a mapping", "backends: {web: 'pass:a=1'}", [
    "backends.web: must be a mapping of keys to values",
  ]],
  [
    "the order of backends is that of the file",
    "backends: {web: {protocol: noop}, 8080: {protocol: noop}, 80: {protocol: noop}}",
    ["80", "8080"].map((name) =>
      `backends.${name}: loses its place in a map, where numbers come first; give the backends as a list`
    ),
  ],
  ["a backend has a protocol", "backends: {web: {target.ip: 1.2.3.4}}", [
    "backends.web: protocol is missing; it must be the name or URL of a backend protocol",
  ]],
  ["a backend in a list has a name", "backends: [{protocol: pass}]", [
    "backends[0]: name is missing; it must be the backend's name",
  ]],
  ["a parameter has a value", "backends: {web: {protocol: pass, target: null}}", [
    "backends.web: target must be a text, a number, true, false, or a list of these",
  ]],
  [
    "a parameter is as exact as it is written",
    "backends: {web: {protocol: pass, a: 12345678901234567890, b: [1, 12345678901234567890]}}",
    ["a", "b.1"].map((key) =>
      `backends.web: ${key} is a number that is too large to be exact: put it in quotes`
    ),
  ],
  ["a parameter is given once", "backends: {web: {protocol: pass, a.b: 1, a: {b: 2}}}", [
    "backends.web: a.b is given twice: as one key and as nested keys",
  ]],
  ["an element does not swallow the next", "backends: {web: {protocol: pass, a: ['b\\', c]}}", [
    'backends.web: a has the element "b\\"; an element cannot end in a backslash',
  ]],
  ["a binding's keys are known", "port-bindings: [{local: 80, bind-adress: x}]", [
    'port-bindings[0]: "bind-adress" is unknown: did you mean "bind-address"?',
  ]],
  [
    "an unknown key of a binding hides no fault of the others",
    "port-bindings: [{local: 80, x: 1, protocol: tpc}]",
    [
      'port-bindings[0]: "x" is unknown: known are public, local, protocol, bind-address, listen, ' +
      "proxy-protocol, proxy-protocol-from",
      'port-bindings[0]: protocol "tpc" is unknown: did you mean "tcp"?',
    ],
  ],
  ["a binding has a local port", "port-bindings: [{public: 80}]", [
    'port-bindings[0]: local is missing; it must be a port from 1 to 65535, "auto" or "?"',
  ]],
  ["a binding's ports have a range", "port-bindings: [{public: 0, local: 70000}]", [
    'port-bindings[0]: public must be a port from 1 to 65535, "auto" or "none" or "?" or "!"',
    'port-bindings[0]: local must be a port from 1 to 65535, "auto" or "?"',
  ]],
  ["a health check's timings have ranges", "health-checks: [{interval: 0, timeout: 1s}]", [
    "health-checks[0]: interval must be a whole number from 1 to 2147483647",
  ]],
  ["all that is wrong is told", "b: x\n  v: y\n  q: 0\n  z: 'a:b:c'", [
    'b: cannot read the backend spec: backend "x" has no protocol; ' +
    'write name:protocol or name:protocol:key=value,…, and a value with ":", "," or "=" in double quotes',
    'z: cannot read the health-check spec: found "c" where the parameters belong; ' +
    'write [protocol[:backend]:]key=value,…, and a value with ":" in double quotes',
    'q: "0" is not a whole number from 1 to 65535 (connections)',
    'v: "y" is unknown: known are trace, debug, information, warning, error, critical, none',
  ]],
];

for (const [rule, text, expected] of wrong) {
  Deno.test({
    name: `${rule}: ${text.replaceAll("\n", " ")}`,
    permissions: "none",
    fn: () =>
      assertEquals(faults(yaml(`pmmux:\n  ${text}`)), expected.map((fault) => `pmmux.yaml: ${fault}`)),
  });
}
