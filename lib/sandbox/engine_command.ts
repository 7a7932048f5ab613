/**
 * How an engine is started: its command line and its environment.
 *
 * @module
 */

import type { Scope } from "./grant.ts";
import { valuesOf } from "./grant.ts";
import { permissionFlags } from "./permission_list.ts";

/** What is started, and with what. */
export interface EngineLaunch {
  /** The URL of the engine's entry. */
  readonly entry: string;
  /** What it is permitted. */
  readonly scope: Scope;
  /** The path of a lockfile that is the engine's own; unless given it has that of pmmux, and may not change it. */
  readonly lock?: string;
}

/**
 * What an engine inherits of the environment: what Deno itself reads, and what decides how text looks. The engine
 * has no permission to read even that.
 */
const INHERITED = new RegExp(
  "^(?:DENO_(?!AUTH_TOKENS)\\w+|OTEL_\\w+|NPM_CONFIG_REGISTRY|XDG_CACHE_HOME|HOME|LOCALAPPDATA|USERPROFILE" +
    "|SYSTEMROOT|SSL_CERT_(?:FILE|DIR)|NO_COLOR|FORCE_COLOR|TERM|TZ|LANG|LC_\\w+|TMPDIR|TEMP|TMP)$",
  "i",
);

/** Where Deno looks for flags of V8, separated by commas. */
const V8_FLAGS = "DENO_V8_FLAGS";

/** Where Deno records the permissions that a process uses. */
const AUDIT = "DENO_AUDIT_PERMISSIONS";

/**
 * How the heap of an engine is set up. What a connection allocates is garbage when the next one comes: a small young
 * generation stays in the processor's cache, and idle connections keep no more garbage than fits into it.
 */
export const HEAP_FLAGS = "--max-semi-space-size=8";

/**
 * The arguments for Deno. The engine cannot ask for more, cannot load code from elsewhere unless its scope says
 * so, and does not touch the lockfile.
 *
 * @throws {Error} for the user if the scope cannot be expressed as flags.
 */
export function engineArguments({ entry, scope, lock }: EngineLaunch): string[] {
  const url = new URL(entry);
  const isLocal = url.protocol === "file:";
  const imports = valuesOf(scope, "import").length > 0;
  return [
    "run",
    "--quiet",
    "--no-prompt",
    "--unstable-net",
    "--unstable-worker-options",
    ...(isLocal
      ? [
        "--config",
        decodeURIComponent(new URL("../../deno.json", url).pathname),
        // Once anything has wanted what a frozen one does not have, nothing can be imported any more.
        lock === undefined ? "--frozen" : `--lock=${lock}`,
      ]
      : ["--no-config"]),
    ...(imports
      ? []
      : isLocal
      ? ["--deny-import", "--no-remote", "--cached-only"]
      : [`--allow-import=${url.host}`, "--cached-only"]),
    ...permissionFlags(scope),
    entry,
  ];
}

/**
 * The part of an environment that an engine inherits. Processes cannot share a record of used permissions: that of
 * the engine with a number is `path.engine1`, …
 * What the user says of the heap comes last and wins.
 */
export function engineEnvironment(
  environment: Readonly<Record<string, string>>,
  number: number,
): Record<string, string> {
  const audit = environment[AUDIT];
  const flags = environment[V8_FLAGS];
  const inherited = Object.entries(environment).filter(([name]) => INHERITED.test(name));
  return {
    ...Object.fromEntries(inherited),
    ...(audit !== undefined && isPath(audit) && { [AUDIT]: `${audit}.engine${number}` }),
    [V8_FLAGS]: flags ? `${HEAP_FLAGS},${flags}` : HEAP_FLAGS,
    // Deno's own look for a newer version of itself is no connection that a configuration names.
    DENO_NO_UPDATE_CHECK: "1",
  };
}

/** The one other value sends the record to OpenTelemetry. */
function isPath(audit: string): boolean {
  return audit !== "otel";
}
