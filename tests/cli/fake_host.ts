import type { Host } from "../../lib/cli/host.ts";
import { main, type MainOptions } from "../../lib/cli/main.ts";

/** What a command line did. */
export interface Outcome {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Files and variables that a command line finds. */
export interface Surroundings extends Omit<MainOptions, "host"> {
  readonly files?: Readonly<Record<string, string | Error>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly colour?: boolean;
}

/** Runs a command line without a process. */
export async function pmmux(args: readonly string[], surroundings: Surroundings = {}): Promise<Outcome> {
  const { files = {}, env = {}, colour = false, ...options } = surroundings;
  const out: string[] = [];
  const err: string[] = [];
  const host: Host = {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    colour,
    environment: () => env,
    readTextFile(path) {
      const content = files[path] ?? new Deno.errors.NotFound(path);
      return typeof content === "string" ? Promise.resolve(content) : Promise.reject(content);
    },
  };
  const status = await main(args, { host, ...options });
  return { status, out: out.join("\n"), err: err.join("\n") };
}
