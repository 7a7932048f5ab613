import { assertEquals } from "@std/assert";
import { watchFile } from "../../lib/cli/watch_file.ts";
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
  Deno.test(`a watched file ${what}: that is noticed once`, () =>
    withFile(async (directory, path) => {
      let noticed = 0;
      using watch = watchFile(path, { onChange: () => noticed++, interval: 10 });
      watch.enabled = true;
      // Some file systems tell times no finer than this.
      await new Promise((resolve) => setTimeout(resolve, 10));
      change(directory, path);
      await eventually(() => noticed > 0, { what: "the change to be noticed" });
      await new Promise((resolve) => setTimeout(resolve, 50));
      assertEquals(noticed, 1);
    }));
}

Deno.test("a file that is not watched any more, or is the same, is not told of", () =>
  withFile(async (_, path) => {
    let noticed = 0;
    using watch = watchFile(path, { onChange: () => noticed++, interval: 5 });
    watch.enabled = true;
    await new Promise((resolve) => setTimeout(resolve, 50));
    watch.enabled = false;
    Deno.writeTextFileSync(path, "newer");
    await new Promise((resolve) => setTimeout(resolve, 50));
    assertEquals([noticed, watch.enabled], [0, false]);
    watch.enabled = true;
    Deno.writeTextFileSync(path, "newest");
    await eventually(() => noticed === 1, { what: "the next change to be noticed" });
  }));
