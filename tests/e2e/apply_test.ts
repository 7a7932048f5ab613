import { assert, assertEquals } from "@std/assert";
import { applyUnderLoad } from "../engine/apply_load.ts";

Deno.test("1,000 changes under 200 connections a second fail no exchange, keep a long transfer intact and leak no descriptor", async () => {
  const { exchanges, failures, transfer, leaked } = await applyUnderLoad({
    applies: 1000,
    exchangesPerSecond: 200,
  });
  assertEquals(failures, []);
  assert(exchanges > 500, `${exchanges} exchanges`);
  assert(transfer.isIntact && transfer.bytes > 0, `${transfer.bytes} bytes`);
  assertEquals(leaked, 0);
});
