/**
 * `deno task compile`: builds pmmux as one program, with the permissions of the set "compiled" built in.
 *
 * Further arguments go to `deno compile`: `deno task compile --target aarch64-unknown-linux-gnu`.
 *
 * @module
 */

import { HEAP_FLAGS } from "../lib/sandbox/engine_command.ts";

const child = new Deno.Command(Deno.execPath(), {
  args: [
    "compile",
    "--quiet",
    "--no-check",
    "-P=compiled",
    "--unstable-net",
    "--unstable-worker-options",
    `--v8-flags=${HEAP_FLAGS}`,
    // The program of guests in Workers is named by its URL, and not imported.
    ...["--include", "lib/sandbox/guest_main.ts"],
    ...["--output", "pmmux"],
    ...Deno.args,
    "main.ts",
  ],
  stderr: "piped",
}).spawn();
const [{ code }, errors] = await Promise.all([child.status, new Response(child.stderr).text()]);
if (code !== 0) console.error(errors.trimEnd());
if (code !== 0 && errors.includes("denort")) {
  console.error(
    `\nA compiled program begins with denort, Deno without its tools, which cannot be downloaded here. ` +
      `Set DENORT_BIN to the denort of Deno ${Deno.version.deno} for the target, and try again. ` +
      `What can be checked without it: deno task compile:check`,
  );
}
Deno.exit(code);
