import { assertEquals } from "@std/assert";
import { printErrors } from "../../lib/cli/print_errors.ts";
import { ConfigError } from "../../lib/config/errors.ts";

Deno.test({
  name: "an error shows no user information of a URL, wherever its text comes from",
  permissions: "none",
  fn() {
    const shown: string[] = [];
    const host = {
      out: () => {},
      err: (text: string) => shown.push(text),
      colour: false,
      environment: () => ({}),
      readTextFile: () => Promise.reject(new Error("no files")),
    };
    printErrors([new ConfigError("Import 'https://me:hunter2@host/x.ts' failed")], host);
    assertEquals(shown, ["pmmux: 1 error\n  Import 'https://***@host/x.ts' failed"]);
  },
});
