/**
 * `pmmux init`
 *
 * @module
 */

import { type Command, EXIT_BAD_INPUT, EXIT_FAILURE, EXIT_OK } from "./command.ts";

/** Writes a project to begin with. */
export const initCommand: Command = {
  name: "init",
  summary:
    "write a project: a configuration, a backend module with its test, and their tasks and permissions",
  usage: "<directory>",
  configured: false,
  operands: [],
  async run({ host, operands: [directory, ...more] }) {
    if (directory === undefined || more.length > 0) {
      host.err("pmmux: name one directory: pmmux init <directory>");
      return EXIT_BAD_INPUT;
    }
    const { projectFiles } = await import("./init_project.ts");
    const { writeProject } = await import("./write_project.ts");
    const root = absolute(directory);
    const taken = await writeProject(root, await projectFiles(root));
    if (taken.length > 0) {
      host.err(`pmmux: nothing written, because it is there already: ${taken.join(", ")}`);
      return EXIT_FAILURE;
    }
    host.out(`Written to ${directory}. Next:\n  cd ${directory}\n  deno task test\n  deno task pmmux`);
    return EXIT_OK;
  },
};

function absolute(path: string): string {
  const trimmed = path.replace(/(?<=.)\/+$/, "");
  return trimmed.startsWith("/") ? trimmed : `${Deno.cwd()}/${trimmed}`;
}
