import { assert, assertEquals } from "@std/assert";
import { guestCommand, type ProcessRequest } from "../../lib/sandbox/launch_command.ts";
import { NO_PERMISSIONS } from "./no_permissions.ts";

const SOCKET = "/run/pmmux/echo.sock";
const request: ProcessRequest = {
  backend: "echo",
  module: "file:///srv/echo.ts",
  isolation: "process",
  permissions: { ...NO_PERMISSIONS, net: ["127.0.0.1:80"], env: ["API_KEY", "MISSING"] },
  memoryLimit: 256 * 1024 * 1024,
  socket: SOCKET,
};
const variables: Record<string, string> = { HOME: "/root", API_KEY: "k", PATH: "/bin", SECRET: "s" };
const options = {
  directory: "/srv",
  env: (name: string) => variables[name],
  program: "file:///lib/guest_main.ts",
};

function test(name: string, fn: () => void): void {
  Deno.test({ name: `guest command: ${name}`, permissions: "none", fn });
}

test("a process has exactly its permissions and the socket", () => {
  assertEquals(guestCommand(request, options).args, [
    "run",
    "--quiet",
    "--no-prompt",
    "--unstable-net",
    "--unstable-worker-options",
    "--no-config",
    "--no-lock",
    "--v8-flags=--max-old-space-size=256",
    `--allow-net=127.0.0.1:80,unix:${SOCKET}`,
    `--allow-read=${SOCKET}`,
    `--allow-write=${SOCKET}`,
    "--allow-env=API_KEY,MISSING",
    "--no-remote",
    "--no-npm",
    "file:///lib/guest_main.ts",
    SOCKET,
  ]);
});

test("a process sees the variables that it may read, and those that Deno needs", () => {
  const { env, inheritsEnv } = guestCommand(request, options);
  assertEquals(env, { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", HOME: "/root", API_KEY: "k" });
  assertEquals(inheritsEnv, false);
});

test("a configuration brings its imports and its lockfile", () => {
  const { args } = guestCommand(request, { ...options, config: "/srv/deno.json" });
  assert(args.includes("--config=/srv/deno.json") && args.includes("--frozen"));
  assert(!args.includes("--no-config") && !args.includes("--no-lock"));
});

test("a program from elsewhere may be fetched", () => {
  const { args } = guestCommand(request, { ...options, program: "https://example.com/guest_main.ts" });
  assert(args.includes("--allow-import=example.com") && !args.includes("--no-remote"));
});

test("a task gets the socket, and its permissions from nowhere else", () => {
  const { args, env, inheritsEnv } = guestCommand({ ...request, isolation: "task:guest:echo" }, options);
  assertEquals(args, ["task", "--quiet", "--cwd", "/srv", "guest:echo", SOCKET]);
  assertEquals(env.PMMUX_GUEST_SOCKET, SOCKET);
  assertEquals(env.DENO_V8_FLAGS, "--max-old-space-size=256");
  assert(inheritsEnv);
});
