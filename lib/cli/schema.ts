/**
 * `pmmux schema`
 *
 * @module
 */

import { configJsonSchema } from "../config/json_schema.ts";
import { coreOptions } from "../config/options.ts";
import { type Command, EXIT_OK } from "./command.ts";

/** Prints the JSON Schema of configuration files. */
export const schemaCommand: Command = {
  name: "schema",
  summary: "print the JSON Schema of configuration files, for editors",
  usage: "",
  configured: false,
  run({ host }) {
    host.out(JSON.stringify(configJsonSchema(coreOptions), null, 2));
    return EXIT_OK;
  },
};
