/**
 * The files of a project to begin with.
 *
 * @module
 */

import manifest from "../../deno.json" with { type: "json" };
import { loadConfig } from "../config/load_config.ts";
import { denoJsonOf } from "./permissions_deno_json.ts";
import { permissionsOf } from "./permissions_of.ts";
import type { ProjectFiles } from "./write_project.ts";

const CONFIG_FILE = "pmmux.yaml";

const CONFIGURATION =
  `# What pmmux does. \`deno task check\` shows what it comes to, \`deno task permissions\` what it needs and why.
pmmux:
  backends:
    # A module of this project. It runs in a process of its own, which may do only what this line grants.
    - "hello:./backends/hello.ts:greeting=Hello"
    # A server behind pmmux would be:
    # - "web:pass:target.ip=127.0.0.1,target.port=3000"
  port-bindings:
    - "!:8080:tcp:bind-address=127.0.0.1"
`;

const MODULE = `/**
 * A backend that greets every client by its address.
 *
 * @module
 */

import type { BackendModule, Connection } from "@pmmux/cli/mod";

/** A connection that says something and ends. */
function say(text: string): Connection {
  let unread = new TextEncoder().encode(text);
  return {
    read(buffer) {
      const chunk = unread.subarray(0, buffer.length);
      buffer.set(chunk);
      unread = unread.subarray(chunk.length);
      return Promise.resolve(chunk.length === 0 ? null : chunk.length);
    },
    write: (bytes) => Promise.resolve(bytes.length),
    closeWrite() {},
    close() {},
  };
}

const module: BackendModule = {
  protocol: "hello",
  parameters: ["greeting"],
  createBackend: (spec) => ({
    info: { spec, properties: {}, priorityTier: "normal" },
    canHandleConnection: () => "match",
    connect: ({ client }) => say(\`\${spec.parameters.greeting ?? "Hi"}, \${client.remote.address}!\\n\`),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }),
};
export default module;
`;

const TEST = `import { strictEqual } from "node:assert/strict";
import type { BackendContext, Connection, ConnectionBackend } from "@pmmux/cli/mod";
import hello from "./hello.ts";

Deno.test({
  name: "a client is greeted by its address",
  permissions: "none",
  async fn() {
    const spec = { name: "hello", protocol: "./hello.ts", parameters: { greeting: "Hello" } };
    const backend = await hello.createBackend(spec, {} as BackendContext) as ConnectionBackend;
    const client = { local: { address: "192.0.2.1", port: 80 }, remote: { address: "192.0.2.7", port: 50000 } };
    const { signal } = new AbortController();
    const connection = await backend.connect({ client, properties: {} }, signal) as Connection;
    const buffer = new Uint8Array(100);
    const length = await connection.read(buffer);
    strictEqual(new TextDecoder().decode(buffer.subarray(0, length ?? 0)), "Hello, 192.0.2.7!\\n");
    strictEqual(await connection.read(buffer), null);
  },
});
`;

/** The files of a project in a directory, by their paths in it. */
export async function projectFiles(root: string): Promise<ProjectFiles> {
  return {
    [CONFIG_FILE]: CONFIGURATION,
    "backends/hello.ts": MODULE,
    "backends/hello_test.ts": TEST,
    "deno.json": `${JSON.stringify(await projectManifest(root), null, 2)}\n`,
  };
}

async function projectManifest(root: string): Promise<unknown> {
  const { config } = loadConfig({ file: { name: CONFIG_FILE, text: CONFIGURATION } });
  const permissions = await permissionsOf(config!, { directory: root });
  const { permissions: sets, tasks } = denoJsonOf(permissions, {
    configFile: CONFIG_FILE,
    variables: [],
    root,
  });
  const pmmux = tasks.pmmux!.command.replace(/ run -c \S+$/, "");
  const library = new URL(import.meta.resolve("../../mod.ts"));
  const isLocal = library.protocol === "file:";
  return {
    imports: { "@pmmux/cli/mod": isLocal ? library.href : `jsr:${manifest.name}@^${manifest.version}/mod` },
    permissions: sets,
    tasks: {
      ...tasks,
      check: {
        description: "Show what the configuration comes to",
        command: `${pmmux} check -c ${CONFIG_FILE}`,
      },
      permissions: {
        description: "Show what it needs, and why",
        command: `${pmmux} permissions -c ${CONFIG_FILE}`,
      },
      // The library of a checkout has imports of its own, which only its deno.json knows.
      test: {
        description: "Test the backends, with no permission",
        command: `deno test${isLocal ? " --no-check" : ""}`,
      },
    },
  };
}
