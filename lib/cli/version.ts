/**
 * `pmmux version`
 *
 * @module
 */

import manifest from "../../deno.json" with { type: "json" };
import { type Command, EXIT_OK } from "./command.ts";

/** Prints the version. */
export const versionCommand: Command = {
  name: "version",
  summary: "show the version",
  usage: "",
  configured: false,
  run({ host }) {
    host.out(`pmmux ${manifest.version}`);
    return EXIT_OK;
  },
};
