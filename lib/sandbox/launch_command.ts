/**
 * The command line of a guest that is a process. Pure: whoever starts it decides nothing.
 *
 * @module
 */

import { guestFlags, type GuestPermissions } from "./guest_permissions.ts";
import { GUEST_PROGRAM, type GuestRequest } from "./launcher.ts";

/** A guest process that is to be started. */
export interface ProcessRequest extends GuestRequest {
  /** The Unix socket on which it is awaited: an absolute path. */
  readonly socket: string;
}

/** What a command depends on beside the request. */
export interface CommandOptions {
  /** Where tasks are looked for, and the guest's working directory. */
  readonly directory: string;
  /** Environment variables by name. */
  readonly env: (name: string) => string | undefined;
  /** The deno.json for the imports of modules, with its lockfile; none unless given. */
  readonly config?: string;
  /** The guest's program; this package's unless given. */
  readonly program?: string;
}

/** A command to be run with nothing but these variables in its environment. */
export interface GuestCommandLine {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Whether the other variables of the starter are handed on. */
  readonly inheritsEnv: boolean;
}

/** What Deno itself looks at to find its cache. A guest cannot read them unless it is granted to. */
const CACHE_VARIABLES = ["DENO_DIR", "HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"];
/** What Deno looks at to reach the network. */
const NETWORK_VARIABLES = [
  "DENO_CERT",
  "DENO_TLS_CA_STORE",
  "NODE_EXTRA_CA_CERTS",
  ...["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"].flatMap((name) => [name, name.toLowerCase()]),
];
/** What no guest shall do: colour its output, and have Deno look for a newer version of itself. */
const ALWAYS = { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
const MIB = 1024 * 1024;

/** Builds the arguments and the environment of `deno` for a guest. */
export function guestCommand(request: ProcessRequest, options: CommandOptions): GuestCommandLine {
  const heap = `--max-old-space-size=${Math.floor(request.memoryLimit / MIB)}`;
  const { isolation, socket, permissions } = request;
  if (isolation.startsWith("task:")) {
    const task = isolation.slice("task:".length);
    return {
      args: ["task", "--quiet", "--cwd", options.directory, task, socket],
      env: { ...ALWAYS, PMMUX_GUEST_SOCKET: socket, DENO_V8_FLAGS: heap },
      inheritsEnv: true,
    };
  }
  const { config, program = GUEST_PROGRAM } = options;
  return {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--unstable-net",
      "--unstable-worker-options",
      ...(config === undefined ? ["--no-config", "--no-lock"] : [`--config=${config}`, "--frozen"]),
      `--v8-flags=${heap}`,
      ...guestFlags(withSocket(withProgram(permissions, program), socket)),
      program,
      socket,
    ],
    env: variables([...CACHE_VARIABLES, ...NETWORK_VARIABLES, ...permissions.env], options.env),
    inheritsEnv: permissions.env.includes("*"),
  };
}

/** The program gives these up before it loads a module. */
function withSocket(permissions: GuestPermissions, socket: string): GuestPermissions {
  return {
    ...permissions,
    net: [...permissions.net, `unix:${socket}`],
    read: [...permissions.read, socket],
    write: [...permissions.write, socket],
  };
}

/** A program that is not on this machine has to be fetched from where it is. */
function withProgram(permissions: GuestPermissions, program: string): GuestPermissions {
  const { protocol, host } = new URL(program);
  if (protocol !== "https:" && protocol !== "http:") return permissions;
  return { ...permissions, import: [...permissions.import, host] };
}

function variables(
  names: readonly string[],
  env: (name: string) => string | undefined,
): Record<string, string> {
  const found: Record<string, string> = { ...ALWAYS };
  for (const name of names) {
    const value = name === "*" ? undefined : env(name);
    if (value !== undefined) found[name] = value;
  }
  return found;
}
