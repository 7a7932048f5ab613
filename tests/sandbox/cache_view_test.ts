import { assertEquals, assertThrows } from "@std/assert";
import { cacheView } from "../../lib/sandbox/cache_view.ts";

Deno.test("a cache view has what Deno's cache has, and no place for what programs keep", async () => {
  const home = await Deno.makeTempDir();
  const real = `${home}/.cache/deno`;
  await Deno.mkdir(`${real}/location_data/web_cache`, { recursive: true });
  await Deno.writeTextFile(`${real}/dep_analysis_cache_v2`, "database");
  const view = cacheView((name) => ({ HOME: home })[name]);
  const path = view.env.DENO_DIR!;
  assertEquals([...Deno.readDirSync(path)].map(({ name }) => name).sort(), [
    "dep_analysis_cache_v2",
    "location_data",
    "npm",
    "remote",
  ]);
  await Deno.writeTextFile(`${path}/npm/package`, "fetched");
  assertThrows(() => Deno.mkdirSync(`${path}/location_data/web_cache`, { recursive: true }));
  const copy = view.copy(new URL(`file://${real}/dep_analysis_cache_v2`))!;
  assertEquals(await Deno.readTextFile(copy), "database");
  assertEquals(view.copy(new URL(`file://${real}/none`)), undefined);
  view[Symbol.dispose]();
  assertThrows(() => Deno.statSync(path), Deno.errors.NotFound);
  assertEquals(await Deno.readTextFile(`${real}/npm/package`), "fetched");
  assertEquals(await Deno.readTextFile(`${real}/dep_analysis_cache_v2`), "database");
  await Deno.remove(home, { recursive: true });
});

Deno.test({
  name: "a cache view is nothing where it cannot be made",
  permissions: "none",
  fn(): void {
    assertEquals(cacheView(() => "/somewhere").env, {});
    assertEquals(cacheView(() => undefined).env, {});
  },
});
