import { assertEquals } from "@std/assert";
import { faults, load } from "./load.ts";

for (
  const [id, capability, options] of [
    ["CLI-25", "TLS termination", [
      "tls-enable",
      "tls-enforce",
      "tls-protocol",
      "tls-generate-certificates",
      "tls-hello-timeout",
      "tls-certificate",
      "tls-certificate-map",
    ]],
    ["CLI-26", "the management API", [
      "management-enable",
      "management-ui-enable",
      "management-port",
      "management-bind-address",
    ]],
    ["CLI-27", "OTLP export", [
      "otlp-enable",
      "otlp-metrics-endpoint",
      "otlp-metrics-protocol",
      "otlp-service-name",
    ]],
    ["CLI-28", "ACME certificates", [
      "acme-disable",
      "acme-email",
      "acme-storage-path",
      "acme-staging",
      "acme-server-url",
      "acme-renewal-lead",
      "acme-certificate",
    ]],
    ["CLI-29", "ACME certificates", [
      "acme-route53-access-key-id",
      "acme-route53-secret-access-key",
      "acme-route53-credential-profile",
      "acme-route53-credential-file",
      "acme-route53-region",
    ]],
  ] as const
) {
  for (const option of options) {
    Deno.test({
      name: `${id} ${option} is recognised as an option of ${capability}`,
      permissions: "none",
      fn: () => {
        const answer = `this version of pmmux does not have ${capability} yet`;
        const variable = `PMMUX__${option.toUpperCase().replaceAll("-", "_")}`;
        const file = { name: "a.yaml", text: `pmmux:\n  ${option}: x` };
        assertEquals(faults({ args: [`--${option}`, "x"], env: { [variable]: "x" }, file }), [
          `command line: --${option}: ${answer}`,
          `environment ${variable}: ${answer}`,
          `a.yaml: ${option}: ${answer}`,
        ]);
      },
    });
  }
}

for (
  const [entry, message] of [
    ["Pmmux.Extensions.BitTorrent.dll", "is not needed: BitTorrent detection is built in"],
    [
      "/opt/pmmux/extensions/Pmmux.Extensions.Http.dll",
      "is not loaded: this version of pmmux does not have HTTP backends yet",
    ],
    [".\\Pmmux.Extensions.Tls.dll", "is not loaded: this version of pmmux does not have TLS termination yet"],
    [
      "pmmux.extensions.management.dll",
      "is not loaded: this version of pmmux does not have the management API yet",
    ],
    [
      "Pmmux.Extensions.Management.UI",
      "is not loaded: this version of pmmux does not have the management user interface yet",
    ],
    ["Pmmux.Extensions.Otlp.dll", "is not loaded: this version of pmmux does not have OTLP export yet"],
    ["Pmmux.Extensions.Acme.dll", "is not loaded: this version of pmmux does not have ACME certificates yet"],
    [
      "Pmmux.Extensions.Acme.Route53.dll",
      "is not loaded: this version of pmmux does not have ACME challenges in Route 53 yet",
    ],
  ] as const
) {
  Deno.test({
    name: `CLI-20 an extension of the original is accepted with a notice: ${entry}`,
    permissions: "none",
    fn: () => {
      const { config, notices } = load({ args: ["-x", "./own.ts", "-x", entry] });
      assertEquals(config.extensions, ["./own.ts"]);
      assertEquals(notices, [{ source: "command line: extensions[1]", message: `${entry} ${message}` }]);
    },
  });
}

Deno.test({
  name: "CLI-20 any other extension is a module",
  permissions: "none",
  fn: () => {
    const { config, notices } = load({ args: ["-x", "Pmmux.Extensions.Mine.dll", "-x", "jsr:@a/b"] });
    assertEquals(config.extensions, ["Pmmux.Extensions.Mine.dll", "jsr:@a/b"]);
    assertEquals(notices, []);
  },
});

Deno.test({
  name: "a capability that is not there yet is known by the plural of its options, too",
  permissions: "none",
  fn: () => {
    assertEquals(faults({ file: { name: "a.toml", text: "[pmmux]\ntls-certificates = []" } }), [
      "a.toml: tls-certificates: this version of pmmux does not have TLS termination yet",
    ]);
  },
});
