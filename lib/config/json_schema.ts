/**
 * The JSON Schema of configuration files, for editors that complete and check them.
 *
 * @module
 */

import { z } from "zod";
import { fileSchema, inAnyCase } from "./file_schema.ts";
import { fileKey, type OptionTable, spellings } from "./option_table.ts";

/** A JSON Schema, or a part of one. */
export interface JsonSchema {
  /** The keywords. */
  [keyword: string]: unknown;
}

/**
 * The JSON Schema (draft 2020-12) of a configuration file with the options of a table. Every option's own key
 * is described; its other names and spellings are accepted.
 */
export function configJsonSchema(table: OptionTable): JsonSchema {
  const { properties, $defs, ...schema } = z.toJSONSchema(fileSchema(table), {
    io: "input",
  }) as unknown as FileJsonSchema;
  const options = table.map((option) => ({ key: fileKey(option), names: spellings(option) }));
  const reference = (key: string) => ({ $ref: `#/$defs/option-${key}` });
  const pmmux = {
    ...properties.pmmux,
    properties: Object.fromEntries(options.map(({ key }) => [key, reference(key)])),
    patternProperties: Object.fromEntries(
      options.map(({ key, names }) => [anySpelling(names), reference(key)]),
    ),
  };
  const described = options.map(({ key }) => [`option-${key}`, properties.pmmux.properties[key]]);
  return {
    title: "pmmux configuration",
    ...schema,
    properties: { ...properties, pmmux },
    patternProperties: { "^x-": {} },
    $defs: { ...$defs, ...Object.fromEntries(described) },
  };
}

/** A pattern for what `normalizeKey` makes one of the names. */
function anySpelling(names: readonly string[]): string {
  return `^-*(${names.map((name) => inAnyCase(name.replaceAll("-", "[-_]"))).join("|")})$`;
}

/** What a schema of a whole file is known to have. */
interface FileJsonSchema extends JsonSchema {
  readonly properties: Readonly<Record<string, JsonSchema>> & {
    readonly pmmux: JsonSchema & { readonly properties: Readonly<Record<string, JsonSchema>> };
  };
  readonly $defs: JsonSchema;
}
