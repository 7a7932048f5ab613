import { watchFile } from "../../lib/cli/watch_file.ts";
import { silentLogger } from "../../lib/routing/logger.ts";
import { eventually } from "../support/eventually.ts";

/** Ways in which a file comes to have another content, `path` being `directory/pmmux.toml`. */
const changes: Readonly<Record<string, (directory: string, path: string) => void>> = {
  "is written": (_, path) => Deno.writeTextFileSync(path, "new"),
  "is replaced": (directory, path) => {
    Deno.writeTextFileSync(`${directory}/.pmmux.toml.tmp`, "new");
    Deno.renameSync(`${directory}/.pmmux.toml.tmp`, path);
  },
  "is a link that leads elsewhere now": (directory, path) => {
    Deno.symlinkSync("/dev/null", `${directory}/link`);
    Deno.renameSync(`${directory}/link`, path);
  },
  "is mounted by Kubernetes, which exchanges all files at once": (directory) => {
    Deno.symlinkSync("newer", `${directory}/..data_tmp`);
    Deno.renameSync(`${directory}/..data_tmp`, `${directory}/..data`);
  },
};

for (const [what, change] of Object.entries(changes)) {
  Deno.test(`a watched file ${what}: that is noticed`, async () => {
    const directory = await Deno.makeTempDir();
    await Deno.writeTextFile(`${directory}/pmmux.toml`, "old");
    let noticed = 0;
    {
      using watch = watchFile(`${directory}/pmmux.toml`, { onChange: () => noticed++, logger: silentLogger });
      watch.enabled = true;
      change(directory, `${directory}/pmmux.toml`);
      await eventually(() => noticed > 0, { what: "the change to be noticed" });
    }
    await Deno.remove(directory, { recursive: true });
  });
}
