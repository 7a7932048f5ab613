/**
 * What a deno.json says to start pmmux and its guests with what they need and nothing more.
 *
 * @module
 */

import { type Grant, type Scope, valuesOf } from "../sandbox/grant.ts";
import { importFlags, NPM_PACKAGES } from "../sandbox/guest_permissions.ts";
import { GUEST_PROGRAM } from "../sandbox/launcher.ts";
import { permissionFlags, type PermissionSet, permissionSet } from "../sandbox/permission_list.ts";
import { scopeOfBackend } from "../sandbox/scope.ts";
import type { GuestScope, Permissions } from "./permissions_of.ts";

/** A task of a deno.json. */
export interface Task {
  readonly description: string;
  readonly command: string;
}

/** The part of a deno.json that is about permissions. */
export interface DenoJson {
  readonly permissions: Readonly<Record<string, PermissionSet>>;
  readonly tasks: Readonly<Record<string, Task>>;
}

/** What the tasks depend on beside the permissions. */
export interface DenoJsonOptions {
  /** The configuration file, as the tasks name it. */
  readonly configFile: string;
  /** The environment variables that the configuration refers to. */
  readonly variables: readonly string[];
  /** The directory of the deno.json, to which its paths are relative; they are absolute unless given. */
  readonly root?: string;
}

/** The unstable parts of Deno that pmmux uses. */
const UNSTABLE_FLAGS = ["--unstable-net", "--unstable-worker-options"];
/** What the supervisor needs: it reads the configuration, makes a directory for sockets, and starts processes. */
const SUPERVISOR_FLAGS = ["--allow-read", "--allow-write", "--allow-env", "--allow-run"];
const PROGRAM = import.meta.resolve("../../main.ts");
/** A task finds the path of the socket in this variable. */
const SOCKET = "$PMMUX_GUEST_SOCKET";

/** A permission set for the engine and each backend; a task that starts pmmux, and one for each guest. */
export function denoJsonOf(permissions: Permissions, options: DenoJsonOptions): DenoJson {
  const engine = relativeTo(options.root, permissions.engine);
  const guests = permissions.guests.map((guest) => ({
    ...guest,
    scope: relativeTo(options.root, guest.scope),
  }));
  const processes = guests.filter(({ isolation }) => isolation !== "worker");
  const backends = [...new Set(engine.flatMap(({ backend }) => backend ?? []))];
  const guestScopes = new Map(guests.map(({ name, scope }) => [name, scope]));
  const sets = [...new Set([...backends, ...guestScopes.keys()])].map((name) =>
    [`backend-${name}`, permissionSet(guestScopes.get(name) ?? scopeOfBackend(engine, name))] as const
  );
  return {
    permissions: { engine: permissionSet(engine), ...Object.fromEntries(sets) },
    tasks: {
      pmmux: processes.length === 0 ? engineTask(engine, options) : supervisorTask(options),
      ...Object.fromEntries(processes.map((guest) => [`guest:${guest.name}`, guestTask(guest)])),
    },
  };
}

function relativeTo(root: string | undefined, scope: Scope): Scope {
  if (root === undefined) return scope;
  return scope.map((grant) =>
    isPath(grant) && grant.value.startsWith(`${root}/`)
      ? { ...grant, value: grant.value.slice(root.length + 1) }
      : grant
  );
}

function isPath({ kind }: Grant): boolean {
  return kind === "read" || kind === "write";
}

/** What it takes to read a configuration from a file, if there is one, and from variables. */
export function configurationGrants(
  { configFile, variables }: { readonly configFile?: string; readonly variables: readonly string[] },
): Scope {
  const reason = "the configuration";
  return [
    ...(configFile === undefined ? [] : [{ kind: "read", value: configFile, reason } as const]),
    ...variables.map((value) => ({ kind: "env", value, reason } as const)),
  ];
}

function engineTask(engine: Scope, { configFile, variables }: DenoJsonOptions): Task {
  const flags = permissionFlags([...engine, ...configurationGrants({ configFile, variables })]);
  return {
    description: "Carry traffic with what the configuration needs and nothing more",
    command: commandLine(["--no-prompt", ...UNSTABLE_FLAGS, ...flags, location(PROGRAM)], [
      "run",
      "--no-supervisor",
      "-c",
      configFile,
    ]),
  };
}

/** Only a supervisor can start guests, and the engine that it starts has no permission that the engine needs not. */
function supervisorTask({ configFile }: DenoJsonOptions): Task {
  return {
    description: "Carry traffic in a process that has what the configuration needs and nothing more",
    command: commandLine(["--no-prompt", ...SUPERVISOR_FLAGS, location(PROGRAM)], ["run", "-c", configFile]),
  };
}

function guestTask({ name, module, scope }: GuestScope): Task {
  const reason = "the way to its host";
  const whole: Scope = [
    ...scope,
    ...programGrants(),
    { kind: "net", value: `unix:${SOCKET}`, reason },
    { kind: "read", value: SOCKET, reason },
    { kind: "write", value: SOCKET, reason },
  ];
  const imports = [...valuesOf(whole, "import"), ...(module.startsWith("npm:") ? [NPM_PACKAGES] : [])];
  const flags = [...permissionFlags(whole), ...importFlags(imports)];
  return {
    description: `The guest of backend ${name}, for isolation="task:guest:${name}"`,
    command: commandLine(["--quiet", "--no-prompt", "--unstable-net", ...flags, location(GUEST_PROGRAM)]),
  };
}

/** A program that is not on this machine has to be fetched from where it is. */
function programGrants(): Scope {
  const { protocol, host } = new URL(GUEST_PROGRAM);
  return protocol === "file:" ? [] : [{ kind: "import", value: host, reason: "the program of guests" }];
}

function commandLine(deno: readonly string[], args: readonly string[] = []): string {
  return ["deno run", ...[...deno, ...args].map(quoted)].join(" ");
}

/** A word as a shell reads it; the socket's variable is for the shell. */
function quoted(word: string): string {
  if (/^[\w.:,=/@+-]+$/.test(word.replaceAll(SOCKET, ""))) return word;
  const parts = word.split(SOCKET).map((part) => part.replaceAll(/["\\$`]/g, "\\$&"));
  return `"${parts.join(SOCKET)}"`;
}

function location(url: string): string {
  const { protocol, pathname } = new URL(url);
  return protocol === "file:" ? decodeURIComponent(pathname) : url;
}
