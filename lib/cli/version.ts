/**
 * `pmmux version`
 *
 * @module
 */

import manifest from "../../deno.json" with { type: "json" };
import { maskUrls } from "../config/secrets.ts";
import { type Command, EXIT_OK } from "./command.ts";

/** Prints the version, and those of the extensions. */
export const versionCommand: Command = {
  name: "version",
  summary: "show the version, and those of extensions",
  usage: "",
  configured: false,
  extensible: true,
  run({ host, extensions }) {
    host.out(`pmmux ${manifest.version}`);
    if (extensions.length > 0) host.out("extensions:");
    const lines = extensions.map(({ specifier, extension: { version } }) =>
      [maskUrls(specifier), ...(version === undefined ? [] : [version])].join(" ")
    );
    for (const line of lines.sort()) host.out(`  ${line}`);
    return EXIT_OK;
  },
};
