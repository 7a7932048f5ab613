import { assertEquals } from "@std/assert";
import { identifyFile, watchFile } from "../../lib/cli/watch_file.ts";
import { eventually } from "../support/eventually.ts";

/** Ways in which a file comes to have another content, `path` being `directory/current/pmmux.toml`. */
const changes: Readonly<Record<string, (directory: string, path: string) => void>> = {
  "is written": (_, path) => Deno.writeTextFileSync(path, "newer"),
  "is written with as many bytes": (_, path) => Deno.writeTextFileSync(path, "NEW"),
  "is replaced": (directory, path) => {
    Deno.writeTextFileSync(`${directory}/.pmmux.toml.tmp`, "new");
    Deno.renameSync(`${directory}/.pmmux.toml.tmp`, path);
  },
  "is a link that leads elsewhere now": (directory, path) => {
    Deno.symlinkSync("/dev/null", `${directory}/link`);
    Deno.renameSync(`${directory}/link`, path);
  },
  "is behind a link to a directory that leads elsewhere now": (directory) => {
    Deno.mkdirSync(`${directory}/two`);
    Deno.writeTextFileSync(`${directory}/two/pmmux.toml`, "new");
    Deno.symlinkSync("two", `${directory}/link`);
    Deno.renameSync(`${directory}/link`, `${directory}/current`);
  },
  "is removed": (_, path) => Deno.removeSync(path),
};

async function withFile(body: (directory: string, path: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  await Deno.mkdir(`${directory}/one`);
  await Deno.symlink("one", `${directory}/current`);
  await Deno.writeTextFile(`${directory}/one/pmmux.toml`, "old");
  await body(directory, `${directory}/current/pmmux.toml`);
  await Deno.remove(directory, { recursive: true });
}

for (const [what, change] of Object.entries(changes)) {
  Deno.test(`a watched file ${what}: that is noticed, until it is read again`, () =>
    withFile(async (directory, path) => {
      let [noticed, known] = [0, await identifyFile(path)];
      const onChange = async () => {
        noticed++;
        known = await identifyFile(path);
      };
      // Some file systems tell times no finer than this.
      await new Promise((resolve) => setTimeout(resolve, 10));
      change(directory, path);
      using watch = watchFile(path, { known: () => known, onChange, interval: 10 });
      watch.enabled = true;
      await eventually(() => noticed > 0, { what: "the change to be noticed" });
      await new Promise((resolve) => setTimeout(resolve, 50));
      assertEquals(noticed, 1);
    }));
}

Deno.test("a file that is not watched any more, or is the same, is not told of", () =>
  withFile(async (_, path) => {
    let noticed = 0;
    const known = await identifyFile(path);
    using watch = watchFile(path, { known: () => known, onChange: () => noticed++, interval: 5 });
    watch.enabled = true;
    await new Promise((resolve) => setTimeout(resolve, 50));
    watch.enabled = false;
    Deno.writeTextFileSync(path, "newer");
    await new Promise((resolve) => setTimeout(resolve, 50));
    assertEquals([noticed, watch.enabled], [0, false]);
    watch.enabled = true;
    await eventually(() => noticed > 0, { what: "the change to be noticed after all" });
  }));

Deno.test({
  name: "a file that may not be looked at is not asked for",
  permissions: "none",
  fn: async () => assertEquals(await identifyFile("deno.json"), ""),
});
