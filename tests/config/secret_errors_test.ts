import { assertEquals } from "@std/assert";
import { parseBackendSpec } from "../../lib/config/backend_spec.ts";
import type { ConfigInput } from "../../lib/config/load_config.ts";
import { faults, toml, yaml } from "./load.ts";

const inputs: Readonly<Record<string, ConfigInput>> = {
  "a TOML value without quotes": toml('[pmmux.backends.w]\nprotocol="pass"\npassword = hunter2'),
  "a TOML value with a quote at its end only": toml('[pmmux.backends.w]\npassword = hunter2"'),
  "a YAML value that begins like a tag": yaml("pmmux:\n  password: !hunter2"),
  "a YAML value that begins like a tag with a handle": yaml("pmmux:\n  password: !x!hunter2 a"),
  "a YAML value that begins like an alias": yaml("pmmux:\n  password: *hunter2"),
  "a list whose element ends in a backslash": yaml(
    "pmmux:\n  backends: {w: {protocol: noop, db: {password: ['hunter2\\', b]}}}",
  ),
  "a secret of a health check that is cut by a colon": { args: ["-z", "pass:w:token=hun:hunter2"] },
  "a secret of a backend that is cut by a colon": { args: ["-b", "web:noop:password=hun:hunter2"] },
};

for (const [what, input] of Object.entries(inputs)) {
  Deno.test({
    name: `what is secret is not in the error: ${what}`,
    permissions: "none",
    fn() {
      const found = faults(input).join("\n");
      assertEquals(found.includes("hunter2"), false, found);
    },
  });
}

Deno.test({
  name: "a password in a module's URL needs no quotes, and is not told",
  permissions: "none",
  fn() {
    for (const url of ["https://me:hunter2@host/mod.ts", "https://me:hunter2@host:8443/mod.ts"]) {
      assertEquals(parseBackendSpec(`web:${url}:a=1`).protocol, url);
    }
  },
});
