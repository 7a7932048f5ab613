import { assertEquals } from "@std/assert";
import { faults, load } from "./load.ts";

for (
  const name of [
    "PMMUX__QUEUE_LENGTH",
    "PMMUX__QUEUE-LENGTH",
    "pmmux__queue_length",
    "Pmmux__Queue-Length",
    "PMMUX__Q",
  ]
) {
  Deno.test({
    name: `CLI-44 ${name} is a name of queue-length`,
    permissions: "none",
    fn: () => assertEquals(load({ env: { [name]: "7" } }).config.queueLength, 7),
  });
}

for (const name of ["PORT_BINDINGS", "PORT-BINDINGS", "port_binding", "P"]) {
  Deno.test({
    name: `CLI-44 the elements of a list are numbered: PMMUX__${name}__0`,
    permissions: "none",
    fn: () => {
      const env = {
        [`PMMUX__${name}__10`]: "!:83:tcp",
        [`PMMUX__${name}__2`]: "!:82:tcp",
        [`PMMUX__${name}__0`]: "!:81:tcp",
      };
      const { portBindings } = load({ env }).config;
      assertEquals(portBindings.map(({ localPort }) => localPort), [81, 82, 83]);
      assertEquals(portBindings.map(({ index }) => index), [0, 1, 2]);
    },
  });
}

Deno.test({
  name: "CLI-43 one variable without a number is a list of one",
  permissions: "none",
  fn: () => assertEquals(load({ env: { PMMUX__BACKENDS: "a:noop" } }).config.backends.length, 1),
});

Deno.test({
  name: "an empty variable is as good as none, and other variables are not looked at",
  permissions: "none",
  fn: () => {
    const env = { PMMUX__VERBOSITY: "", PMMUX_FUZZ: "1", PMMUXX__A: "1", PATH: "/bin" };
    assertEquals(load({ env }).config.verbosity, "information");
  },
});

for (
  const [rule, env, fault] of [
    [
      "an unknown name is told the right one",
      { PMMUX__PORT_BINDING_S__0: "x" },
      "environment PMMUX__PORT_BINDING_S__0: is no option; did you mean PMMUX__PORT_BINDINGS?",
    ],
    [
      "a scalar has no elements",
      { PMMUX__QUEUE_LENGTH__0: "1" },
      "environment PMMUX__QUEUE_LENGTH__0: is not how queue-length is given; that is PMMUX__QUEUE_LENGTH",
    ],
    [
      "elements are numbered",
      { PMMUX__BACKENDS__WEB: "x" },
      "environment PMMUX__BACKENDS__WEB: is not how backend is given; that is PMMUX__BACKENDS__0, PMMUX__BACKENDS__1 and so on",
    ],
    [
      "one underscore is one too few",
      { PMMUX_QUEUE_LENGTH: "1" },
      "environment PMMUX_QUEUE_LENGTH: is not how queue-length is given; that is PMMUX__QUEUE_LENGTH",
    ],
    [
      "one underscore is one too few",
      { PMMUX_BACKENDS_0: "a:noop" },
      "environment PMMUX_BACKENDS_0: is not how backend is given; that is PMMUX__BACKENDS__0, PMMUX__BACKENDS__1 and so on",
    ],
    [
      "two spellings of one option are refused",
      { PMMUX__Q: "1", PMMUX__QUEUE_LENGTH: "2" },
      "environment PMMUX__QUEUE_LENGTH: gives queue-length a second time, after PMMUX__Q",
    ],
    [
      "an element is given once",
      { PMMUX__B__0: "a:noop", PMMUX__B__00: "b:noop" },
      "environment PMMUX__B__00: gives backend a second time, after PMMUX__B__0",
    ],
    [
      "CLI-01 the file is named on the command line only",
      { PMMUX__CONFIG_FILE: "x" },
      "environment PMMUX__CONFIG_FILE: is an option of the command line only",
    ],
    [
      "CLI-26 what is not there yet is known",
      { PMMUX__MANAGEMENT_ENABLE: "true" },
      "environment PMMUX__MANAGEMENT_ENABLE: this version of pmmux does not have the management API yet",
    ],
    [
      "a wrong value names its variable",
      { PMMUX__V: "loud" },
      'environment PMMUX__V: "loud" is unknown: known are trace, debug, information, warning, error, critical, none',
    ],
    [
      "a wrong element names its variable",
      { PMMUX__P__0: "!:80:tcp", PMMUX__P__1: "!:0:tcp" },
      'environment PMMUX__P__1: local port "0" is not a port from 1 to 65535 or "?" for any',
    ],
  ] as const
) {
  Deno.test({
    name: `CLI-44 ${rule}: ${Object.keys(env).join(", ")}`,
    permissions: "none",
    fn: () => assertEquals(faults({ env }), [fault]),
  });
}

Deno.test({
  name: "CLI-44 a variable that could not be meant to be an option is somebody else's",
  permissions: "none",
  fn: () => {
    const env = {
      PMMUX_PORT: "tcp://10.0.0.1:80",
      PMMUX_V: "1",
      PMMUX_: "x",
      PMMUX: "x",
      PMMUXQUEUE_LENGTH: "x",
    };
    assertEquals(load({ env }).config, load({}).config);
  },
});
