/**
 * `pmmux schema`
 *
 * @module
 */

import { configJsonSchema } from "../config/json_schema.ts";
import { type Command, EXIT_OK } from "./command.ts";

/** Prints the JSON Schema of configuration files. */
export const schemaCommand: Command = {
  name: "schema",
  summary: "print the JSON Schema of configuration files, for editors",
  usage: "",
  configured: false,
  extensible: true,
  run({ host, table }) {
    host.out(JSON.stringify(configJsonSchema(table), null, 2));
    return EXIT_OK;
  },
};
