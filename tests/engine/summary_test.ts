import { assertEquals, assertStringIncludes } from "@std/assert";
import { loadConfig } from "../../lib/config/load_config.ts";
import { summary } from "../../lib/engine/summary.ts";
import { fakeEntry } from "../routing/fake_backend.ts";

Deno.test({
  name: "the summary masks the secrets that conditions and properties of backends have",
  permissions: "none",
  fn() {
    const parameters = { "property[x.token]": "hunter2", "local-port": "80" };
    const config = loadConfig({}).config!;
    const entry = fakeEntry({ parameters });
    const shown = summary({ config, listeners: [], backends: [entry] }).join("\n");
    assertStringIncludes(shown, "when property[x.token]=*** and local-port=80");
    assertEquals(shown.includes("hunter2"), false, shown);
  },
});
