/**
 * The process around the command line: its streams, its environment, its files.
 *
 * @module
 */

import type { Environment } from "../config/placeholders.ts";

/** What commands use of the process. */
export interface Host {
  /** Writes a line, or several, to stdout. */
  out(text: string): void;
  /** Writes a line, or several, to stderr. */
  err(text: string): void;
  /** Whether stdout is a terminal that shows colours. */
  readonly colour: boolean;
  /** The environment as far as it may be read; `names` are needed in any case. */
  environment(names: readonly string[]): Environment;
  /** Reads a file. */
  readTextFile(path: string): Promise<string>;
  /** The same without asking the user for a permission: what is not permitted yet counts as absent. */
  readonly unasked?: Pick<Host, "environment" | "readTextFile">;
}

/** The process that Deno runs. */
export const processHost: Host = {
  out: (text) => console.log(text),
  err: (text) => console.error(text),
  colour: Deno.stdout.isTerminal() && !Deno.noColor,
  environment: readEnvironment,
  readTextFile: readRegularFile,
  unasked: {
    environment: (names) => isGranted({ name: "env" }) ? readEnvironment(names) : {},
    readTextFile: (path) =>
      isGranted({ name: "read", path })
        ? readRegularFile(path)
        : Promise.reject(new Deno.errors.NotCapable(`Not permitted to read "${path}"`)),
  },
};

/** A variable of the environment, if it is set and may be read without asking the user. */
export function unaskedVariable(name: string, { environment, unasked }: Host): string | undefined {
  return (unasked?.environment ?? environment)([name])[name];
}

/** Files are read more than once, which others, such as pipes, cannot be. */
async function readRegularFile(path: string): Promise<string> {
  const { isFile, isDirectory } = await Deno.stat(path).catch(async (error) => {
    const isLink = await Deno.lstat(path).then(() => true, () => false);
    throw isLink ? new Error("it is a link that leads nowhere") : error;
  });
  if (isFile) return await Deno.readTextFile(path);
  if (isDirectory) throw new Deno.errors.IsADirectory(path);
  throw new Error("it is not a regular file");
}

function isGranted(permission: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(permission).state === "granted";
}

/** Without permission for the whole environment, the variables that are needed may still be readable. */
function readEnvironment(names: readonly string[]): Environment {
  return permitted(() => Deno.env.toObject()) ??
    Object.fromEntries(names.map((name) => [name, permitted(() => Deno.env.get(name))]));
}

function permitted<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable || error instanceof TypeError) return undefined;
    throw error;
  }
}
