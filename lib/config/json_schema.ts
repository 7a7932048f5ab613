/**
 * The JSON Schema of configuration files, for editors that complete and check them.
 *
 * @module
 */

import { z } from "zod";
import { fileSchema } from "./file_schema.ts";
import { fileKey, type OptionTable, spellings } from "./option_table.ts";

/** A JSON Schema, or a part of one. */
export interface JsonSchema {
  /** The keywords. */
  [keyword: string]: unknown;
}

/**
 * The JSON Schema (draft 2020-12) of a configuration file with the options of a table. Every option's own key
 * is described; its other names are accepted.
 */
export function configJsonSchema(table: OptionTable): JsonSchema {
  const schema = z.toJSONSchema(fileSchema(table), { io: "input" }) as JsonSchema;
  const root = (schema.properties as Record<string, JsonSchema>).pmmux!;
  const { $schema, ...rest } = schema;
  return {
    $schema,
    title: "pmmux configuration",
    ...rest,
    properties: {
      ...rest.properties as JsonSchema,
      pmmux: { ...root, patternProperties: otherNames(table) },
    },
    patternProperties: { "^x-": {} },
  };
}

function otherNames(table: OptionTable): JsonSchema {
  return Object.fromEntries(table.flatMap((option) => {
    const key = fileKey(option);
    const names = spellings(option).filter((name) => name !== key);
    if (names.length === 0) return [];
    return [[`^(${names.join("|")})$`, { $ref: `#/properties/pmmux/properties/${key}` }]];
  }));
}
