/**
 * Finding and reading the configuration file.
 *
 * @module
 */

import { ConfigError } from "../config/errors.ts";
import type { ConfigFile } from "../config/file_format.ts";
import { messageOf } from "../routing/message_of.ts";
import type { Host } from "./host.ts";

/**
 * Reads the configuration file. One that is not needed need not exist, nor be readable.
 *
 * @throws {ConfigError} If a needed file cannot be read, or another one exists and cannot.
 */
export async function readConfigFile(
  path: string,
  { host, needed }: { readonly host: Host; readonly needed: boolean },
): Promise<ConfigFile | undefined> {
  try {
    return { name: path, text: await host.readTextFile(path) };
  } catch (error) {
    const absent = error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable;
    if (absent && !needed) return undefined;
    throw new ConfigError(`cannot read the configuration file: ${describe(error)}`, {
      source: path,
      cause: error,
    });
  }
}

function describe(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.IsADirectory) return "it is a directory";
  if (error instanceof Deno.errors.PermissionDenied) return "the operating system does not permit it";
  if (error instanceof Deno.errors.NotCapable) return "pmmux was started without permission to read it";
  return messageOf(error);
}
