import { assertEquals, assertThrows } from "@std/assert";
import { loadConfig } from "../../lib/config/load_config.ts";
import { faults, load, toml, yaml } from "./load.ts";

Deno.test({
  name: "a variable in the default of another one is an error, whether or not that is set",
  permissions: "none",
  fn: () => {
    const args = ["-d", "{{env:LOGS:-{{env:HOME}}/logs}}", "-b", "a:noop:sni={{env:LOGS:-{{env:HOME}}}}"];
    for (const env of [{ HOME: "/h" }, { HOME: "/h", LOGS: "/l" }]) {
      assertEquals(faults({ args, env }), [
        "command line: backends[0]: sni: a default cannot contain {{env:…}}",
        "command line: --log-directory: a default cannot contain {{env:…}}",
      ]);
    }
  },
});

Deno.test({
  name: "an empty element hides no fault of the others",
  permissions: "none",
  fn: () => {
    assertEquals(faults({ args: ["-b", "", "-b", "web"] }).map((fault) => fault.split(";")[0]), [
      "command line: --backend: needs a value",
      'command line: backends[1]: cannot read the backend spec: backend "web" has no protocol',
    ]);
  },
});

Deno.test({
  name: "CLI-41 the command line outranks the environment, the environment the file, the file the defaults",
  permissions: "none",
  fn: () => {
    const file = toml("[pmmux]\nqueue-length = 1\nselection-timeout = 1\nbind-timeout = 1").file!;
    const env = { PMMUX__QUEUE_LENGTH: "2", PMMUX__SELECTION_TIMEOUT: "2" };
    const { config } = load({ args: ["-q", "3"], env, file });
    assertEquals(
      [config.queueLength, config.selectionTimeout, config.bindTimeout, config.drainTimeout],
      [3, 2, 1, 10_000],
    );
  },
});

Deno.test({
  name: "CLI-42 W-CFG-6 a list in a higher layer replaces the one in a lower layer",
  permissions: "none",
  fn: () => {
    const file = toml('[pmmux]\nbackends = ["a:noop", "b:noop", "c:noop"]').file!;
    const env = { PMMUX__B__0: "d:noop", PMMUX__B__1: "e:noop" };
    const names = (input: Parameters<typeof load>[0]) => load(input).config.backends.map(({ name }) => name);
    assertEquals(names({ file }), ["a", "b", "c"]);
    assertEquals(names({ file, env }), ["d", "e"]);
    assertEquals(names({ file, env, args: ["-b", "f:noop"] }), ["f"]);
  },
});

Deno.test({
  name: "outranked values must be right, but their variables need not be set",
  permissions: "none",
  fn: () => {
    const file = toml('[pmmux]\nqueue-length = 0\nbackends = ["a:noop:x={{env:MISSING}}"]').file!;
    assertEquals(faults({ args: ["-q", "3", "-b", "b:noop"], file }), [
      'pmmux.toml: queue-length: "0" is not a whole number from 1 to 65535 (connections)',
    ]);
  },
});

Deno.test({
  name: "W-CFG-13 faults of all layers are told at once",
  permissions: "none",
  fn: () => {
    const found = faults({
      args: ["-q", "x", "--foo"],
      env: { PMMUX__V: "x", PMMUX__FOO: "x" },
      ...yaml("pmmux:\n  foo: x\n  panic: x"),
    });
    assertEquals(found.map((fault) => fault.split(":").slice(0, 2).join(":")), [
      "command line: --foo",
      "environment PMMUX__FOO: is no option; pmmux --help lists them",
      "pmmux.yaml: foo",
      "pmmux.yaml: panic",
      "command line: --queue-length",
      'environment PMMUX__V: "x" is unknown',
    ]);
  },
});

Deno.test({
  name: "CLI-45 a variable's value is one value, whatever it contains",
  permissions: "none",
  fn: () => {
    const env = {
      SECRET: 'a,b=c:d"e\\',
      PORT: "8080",
      NAME: "web:1",
      MODULE: "https://x/y.ts?a=b",
      KEY: "k=1",
    };
    const { config } = load({
      env,
      args: [
        "-b",
        '{{env:NAME}}:{{env:MODULE}}:password={{env:SECRET}},quoted="<{{env:SECRET}}>",{{env:KEY}}=1',
        "-p",
        "!:{{env:PORT}}:tcp",
      ],
    });
    assertEquals(config.backends, [{
      name: "web:1",
      protocol: "https://x/y.ts?a=b",
      parameters: { password: env.SECRET, quoted: `<${env.SECRET}>`, "k=1": "1" },
    }]);
    assertEquals(config.portBindings[0]?.localPort, 8080);
  },
});

Deno.test({
  name: "CLI-45 variables are replaced in every layer, several in one value, and not again in what they hold",
  permissions: "none",
  fn: () => {
    const env = { A: "{{env:B}}", B: "x", PMMUX__LOG_DIRECTORY: "/{{env:B}}/{{env:A}}" };
    const { config } = load({
      env,
      ...yaml('pmmux:\n  network-interface: "{{env:B}}0"\n  verbosity: "{{env:C:-debug}}"'),
    });
    assertEquals([config.logDirectory, config.networkInterface, config.verbosity], [
      "/x/{{env:B}}",
      "x0",
      "debug",
    ]);
  },
});

Deno.test({
  name: "CLI-45 the structured form has variables too",
  permissions: "none",
  fn: () => {
    const { config } = load({
      env: { IP: "::1", PORT: "80" },
      ...yaml(
        "pmmux:\n  backends: {web: {protocol: pass, target: {ip: '{{env:IP}}', port: '{{env:PORT}}'}}}",
      ),
    });
    assertEquals(config.backends[0]?.parameters, { "target.ip": "::1", "target.port": "80" });
  },
});

Deno.test({
  name: "CLI-45 a default also stands in for an empty variable, and may contain anything",
  permissions: "none",
  fn: () => {
    const { config } = load({
      env: { EMPTY: "" },
      args: ["-b", "a:b:x={{env:EMPTY:-1,2:3=4}},y={{env:EMPTY}}"],
    });
    assertEquals(config.backends[0]?.parameters, { x: "1,2:3=4", y: "" });
  },
});

Deno.test({
  name: "CLI-45 a variable may hold a whole spec",
  permissions: "none",
  fn: () => {
    const { config } = load({ env: { SPEC: "web:pass:target.ip=127.0.0.1" }, args: ["-b", "{{env:SPEC}}"] });
    assertEquals(config.backends[0]?.parameters, { "target.ip": "127.0.0.1" });
    assertEquals(faults({ env: { SPEC: 'web:pass:"' }, args: ["-b", "{{env:SPEC}}"] }), [
      'command line: backends[0]: cannot parse "{{env:SPEC}}" at character 10: ' +
      'found a double quote that nothing closes; note that \\" does not close quotes',
    ]);
  },
});

Deno.test({
  name: "CLI-45 W-CFG-10 a missing variable is a fault that names key and variable, and hides no other",
  permissions: "none",
  fn: () => {
    const remedy = (name: string) =>
      `environment variable ${name} is not set; set it, or write {{env:${name}:-default}}`;
    assertEquals(
      faults(
        yaml(
          "pmmux:\n  gateway: '{{env:GW}}'\n  b: ['web:pass:target.ip={{env:IP}}', x]\n  p: '!:{{env:PORT}}'",
        ),
      ),
      [
        `pmmux.yaml: b[0]: target.ip: ${remedy("IP")}`,
        'pmmux.yaml: b[1]: cannot read the backend spec: backend "x" has no protocol; write name:protocol or ' +
        'name:protocol:key=value,…, and a value with ":", "," or "=" in double quotes',
        `pmmux.yaml: p: ${remedy("PORT")}`,
        `pmmux.yaml: gateway: ${remedy("GW")}`,
      ],
    );
  },
});

Deno.test({
  name: "CLI-45 names of objects are no variables",
  permissions: "none",
  fn: () => assertEquals(faults({ args: ["-i", "{{env:constructor}}"] }).length, 1),
});

Deno.test({
  name: "what a variable holds is not told in faults",
  permissions: "none",
  fn: () => {
    const env = { SECRET: "hunter2" };
    const args = [
      "-q",
      "{{env:SECRET}}",
      "-p",
      "!:{{env:SECRET}}:tcp",
      "-b",
      "a:b:{{env:SECRET}}",
      "-z",
      "timeout={{env:SECRET}}",
    ];
    const found = faults({ env, args });
    assertEquals(found.length, 4);
    assertEquals(found.filter((fault) => fault.includes("hunter2")), []);
    assertEquals(
      found.at(-1),
      'command line: --queue-length: "{{env:SECRET}}" is not a whole number from 1 to 65535 (connections)',
    );
  },
});

Deno.test({
  name: "keys that variables make equal are refused",
  permissions: "none",
  fn: () => {
    assertEquals(faults({ env: { K: "x" }, args: ["-b", "a:b:{{env:K}}=1,x=2"] }), [
      'command line: backends[0]: the key "{{env:K}}" appears twice; a key appears once',
    ]);
  },
});

Deno.test({
  name: "CFG-21 backend names are unique, and the fault names both places",
  permissions: "none",
  fn: () => {
    assertEquals(faults(toml('[pmmux]\nb = ["a:noop", "b:noop", "a:pass"]')), [
      'pmmux.toml: b[2]: the backend name "a" is already that of pmmux.toml: b[0]; a name is used once',
    ]);
  },
});

Deno.test({
  name: "CFG-36 two equal health checks are refused, two that differ in a parameter are not",
  permissions: "none",
  fn: () => {
    assertEquals(faults(toml('[pmmux]\nz = ["pass:a=1,b=2", "pass:b=2,a=1"]')), [
      "pmmux.toml: z[1]: is the same health check as pmmux.toml: z[0]",
    ]);
    assertEquals(load(toml('[pmmux]\nz = ["pass:a=1", "pass:a=2", "a=1"]')).config.healthChecks.length, 3);
  },
});

Deno.test({
  name: "two listeners on one address and port are refused, on two addresses they are not",
  permissions: "none",
  fn: () => {
    assertEquals(faults(toml('[pmmux]\np = ["80:8080", "!:8080:udp"]')), [
      "pmmux.toml: p[1]: pmmux.toml: p[0] already listens on udp port 8080 of 0.0.0.0",
    ]);
    const two = [
      "!:80:tcp:bind-address=127.0.0.1",
      "!:80:tcp:bind-address=127.0.0.2",
      "81:80:tcp:listen=false",
    ];
    assertEquals(load({ args: two.flatMap((spec) => ["-p", spec]) }).config.portBindings.length, 3);
  },
});

Deno.test({
  name: "CFG-46 a binding's index is its place in the list that decides",
  permissions: "none",
  fn: () => {
    const { config } = load({
      args: ["-p", "!:1", "-p", "!:2:tcp"],
      ...toml('[pmmux]\np = ["!:3", "!:4", "!:5"]'),
    });
    assertEquals(config.portBindings.map(({ index, localPort }) => [index, localPort]), [[0, 1], [0, 1], [
      1,
      2,
    ]]);
  },
});

Deno.test({
  name: "CFG-47 a binding that does nothing is worth a notice",
  permissions: "none",
  fn: () => {
    assertEquals(load({ args: ["-p", "!:80:listen=false"] }).notices, [
      { source: "command line: port-bindings[0]", message: "neither listens nor maps a port" },
    ]);
  },
});

Deno.test({
  name: "CLI-50 a configuration without port bindings is one",
  permissions: "none",
  fn: () => assertEquals(load({}).config.portBindings, []),
});

Deno.test({
  name: "a configuration is frozen all the way down",
  permissions: "none",
  fn: () => {
    const { config } = load({ args: ["-b", "a:b:c=1"] });
    assertThrows(() => Object.assign(config, { watch: true }), TypeError);
    assertThrows(() => Object.assign(config.backends[0]!.parameters, { c: "2" }), TypeError);
    assertThrows(() => (config.backends as unknown[]).push(1), TypeError);
  },
});

Deno.test({
  name: "a configuration survives its way to another process",
  permissions: "none",
  fn: () => {
    const { config } = load({ args: ["-b", "a:b:__proto__=1", "-p", "?:80"] });
    assertEquals(JSON.parse(JSON.stringify(config)), config);
  },
});

Deno.test({
  name: "faults and a configuration never come together",
  permissions: "none",
  fn: () => {
    assertEquals(loadConfig({ args: ["-q", "0"] }).config, undefined);
    assertEquals(loadConfig({}).errors, undefined);
  },
});
