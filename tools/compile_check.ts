/**
 * `deno task compile:check`: proves, without building it, that a compiled pmmux would have all that it needs. Copies
 * exactly the files that would be built in, and runs pmmux from the copy.
 *
 * @module
 */

import { builtInModules } from "../lib/engine/loader.ts";

/** What `deno info --json` tells about a module. */
interface ModuleInfo {
  readonly specifier: string;
  readonly local?: string;
  readonly error?: string;
}

const ROOT = new URL("../", import.meta.url);
const ENTRIES = ["main.ts", "lib/sandbox/guest_main.ts"];
const PERMISSIONS = ["--quiet", "--no-prompt", "--cached-only", "--no-remote", "-P=compiled"];
const GUEST = 'export default { protocol: "g", createBackend: (spec) => ({ info: { spec, properties: {}, ' +
  'priorityTier: "normal" }, canHandleConnection: () => "match", connect: () => null, ' +
  "[Symbol.asyncDispose]: async () => {} }) };\n";

const copy = await Deno.makeTempDir();
try {
  const files = (await Promise.all(ENTRIES.map(filesOf))).flat();
  await copyFiles(new Set([...files, ...await resolutionFiles()]));
  await Deno.writeTextFile(`${copy}/guest.js`, GUEST);
  await run(["version"]);
  const targets = [...builtInModules.keys()].map((name) =>
    `${name}:${name}:target.ip=127.0.0.1,target.port=1`
  );
  await run(["check", ...targets.filter((spec) => !spec.startsWith("noop")).flatMap((spec) => ["-b", spec])]);
  await serve(["-b", "nobody:noop:"]);
  await serve(["-b", "guest:./guest.js:isolation=worker"]);
  console.log(
    `${new Set(files).size} files and all protocols (${
      [...builtInModules.keys()].join(", ")
    }) would be built in`,
  );
} finally {
  await Deno.remove(copy, { recursive: true });
}

/** The files of a program, dynamic imports included; an import that leads nowhere is an error. */
async function filesOf(entry: string): Promise<string[]> {
  const { modules } = JSON.parse(await deno(["info", "--json", entry], ROOT)) as {
    modules: readonly ModuleInfo[];
  };
  const broken = modules.filter(({ error }) => error !== undefined);
  if (broken.length > 0) {
    throw new Error(broken.map(({ specifier, error }) => `${specifier}: ${error}`).join("\n"));
  }
  return modules.filter(({ specifier }) => specifier.startsWith(ROOT.href))
    .map(({ specifier }) => decodeURIComponent(specifier.slice(ROOT.href.length)));
}

/** What Deno resolves imports with, while a compiled program has them resolved. */
async function resolutionFiles(): Promise<string[]> {
  const links = await Array.fromAsync(Deno.readDir(new URL("lib/std/", ROOT)));
  const linked = links.filter(({ isDirectory }) => isDirectory).map(({ name }) =>
    `lib/std/${name}/deno.json`
  );
  return ["deno.json", "deno.lock", ...linked];
}

async function copyFiles(files: Iterable<string>): Promise<void> {
  for (const file of files) {
    const target = `${copy}/${file}`;
    await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), { recursive: true });
    await Deno.copyFile(new URL(file, ROOT), target);
  }
}

async function run(args: readonly string[]): Promise<void> {
  await deno(["run", ...PERMISSIONS, "main.ts", ...args], copy);
}

/** Runs pmmux until it takes a connection. */
async function serve(args: readonly string[]): Promise<void> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", ...PERMISSIONS, "main.ts", ...args, "-p", "!:?:tcp:bind-address=127.0.0.1"],
    cwd: copy,
    env: { NO_COLOR: "1" },
    stderr: "piped",
  }).spawn();
  let log = "";
  let port: number | undefined;
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    log += text;
    const [, found] = /tcp:\/\/127\.0\.0\.1:(\d+)\s/.exec(log) ?? [];
    if (found === undefined || port !== undefined) continue;
    port = Number(found);
    using connection = await Deno.connect({ hostname: "127.0.0.1", port });
    await connection.read(new Uint8Array(1));
    child.kill("SIGTERM");
  }
  const { code } = await child.status;
  if (code !== 0 || port === undefined) {
    throw new Error(`pmmux ${args.join(" ")} ended with status ${code}:\n${log}`);
  }
}

async function deno(args: readonly string[], cwd: string | URL): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), { args: [...args], cwd, env: { NO_COLOR: "1" } });
  const { success, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout);
  throw new Error(`deno ${args.join(" ")}: ${decoder.decode(stderr)}`);
}
