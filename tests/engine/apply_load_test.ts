import { assert, assertEquals } from "@std/assert";
import { applyUnderLoad } from "./apply_load.ts";

Deno.test("apply: 200 changes under load cost no client anything, and leave nothing behind", async () => {
  const { exchanges, failures, transfer, leaked } = await applyUnderLoad({
    applies: 200,
    exchangesPerSecond: 200,
  });
  assertEquals(failures, []);
  assert(exchanges > 50, `${exchanges} exchanges`);
  assert(transfer.isIntact && transfer.bytes > 0, `${transfer.bytes} bytes`);
  assertEquals(leaked, 0);
});
