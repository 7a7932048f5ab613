import { assertEquals, assertNotEquals } from "@std/assert";
import manifest from "../deno.json" with { type: "json" };
import { denoJsonOf } from "../lib/cli/permissions_deno_json.ts";
import { permissionsOf } from "../lib/cli/permissions_of.ts";
import { loadConfig } from "../lib/config/load_config.ts";
import { guestGrants } from "../lib/sandbox/foreign_scope.ts";
import { permissionFlags } from "../lib/sandbox/permission_list.ts";

const SOCKET = "$PMMUX_GUEST_SOCKET";
const commands = Object.fromEntries(
  Object.entries(manifest.tasks).map(([name, { command }]) => [name, command]),
);
const examples = Object.keys(commands).flatMap((name) => /^example:(\w+)$/.exec(name)?.[1] ?? []);

/** The words of a command line that quotes with nothing but '…'. */
function words(command: string): string[] {
  return [...command.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ""));
}

/** The arguments that a task hands to pmmux. */
function pmmuxArguments(command: string): string[] {
  const all = words(command);
  return all.slice(all.indexOf("main.ts") + 1);
}

Deno.test({
  name: "every example backend has its tasks",
  permissions: "none",
  fn(): void {
    assertEquals(examples.toSorted(), ["dns_filter", "echo", "geo_dial", "rewrite"]);
    for (const name of examples) assertNotEquals(commands[`guest:${name}`], undefined, name);
  },
});

for (const name of examples) {
  Deno.test({
    name: `task guest:${name} grants what example:${name} grants its guest, and the way to its host`,
    permissions: "none",
    fn(): void {
      const { config, errors } = loadConfig({ args: pmmuxArguments(commands[`example:${name}`]!) });
      assertEquals(errors, undefined);
      const asked = config!.backends.flatMap((spec) => guestGrants(spec, { directory: "/" }));
      const module = { kind: "read", value: `docs/examples/${name}.ts`, reason: "" } as const;
      const host = ([["net", `unix:${SOCKET}`], ["read", SOCKET], ["write", SOCKET]] as const)
        .map(([kind, value]) => ({ kind, value, reason: "" }));
      const granted = permissionFlags([...asked.filter(({ kind }) => kind !== "read"), module, ...host]);
      const expected = [...granted, "--no-remote", "--no-npm"];
      const flags = words(commands[`guest:${name}`]!).filter((word) => /^--(allow|no)-(?!prompt)/.test(word));
      assertEquals(flags, expected);
    },
  });
}

for (const name of examples) {
  Deno.test({
    name: `the permission set of example:${name} is what pmmux permissions says`,
    // The working directory, which is that of this repository.
    permissions: { read: ["."] },
    async fn(): Promise<void> {
      const { config } = loadConfig({ args: pmmuxArguments(commands[`example:${name}`]!) });
      const root = Deno.cwd();
      const permissions = await permissionsOf(config!, { directory: root });
      const { engine: _, ...sets } =
        denoJsonOf(permissions, { configFile: "", variables: [], root }).permissions;
      const declared: Readonly<Record<string, unknown>> = manifest.permissions;
      for (const [set, granted] of Object.entries(sets)) assertEquals(declared[set], granted);
    },
  });
}

Deno.test({
  name: "no task but those that start or test other programs has all permissions",
  permissions: "none",
  fn(): void {
    const all = Object.keys(commands).filter((name) => / (-A|--allow-all)( |$)/.test(commands[name]!));
    const expected = [
      "start",
      "test",
      "test:e2e",
      "fuzz",
      ...Object.keys(commands).filter((name) => name.startsWith("bench")),
      ...examples.map((name) => `example:${name}`),
    ];
    assertEquals(all.toSorted(), expected.toSorted());
  },
});
