/**
 * The formats of configuration files.
 *
 * @module
 */

import { parse as parseToml } from "@std/toml";
import { parse as parseYaml } from "@std/yaml";
import { ConfigError } from "./errors.ts";
import { rejectDuplicateJsonKeys } from "./json_keys.ts";
import { locateJsonError } from "./json_position.ts";
import { rejectDuplicateTomlKeys } from "./toml_keys.ts";

/** A configuration file: its name, as messages show it, and its content. */
export interface ConfigFile {
  /** The path as it was given. Its extension tells the format. */
  readonly name: string;
  /** The content. */
  readonly text: string;
}

/** The extensions that a configuration file may have. */
export const FILE_EXTENSIONS = [".toml", ".yaml", ".yml", ".json"] as const;

const PARSERS: Readonly<Record<typeof FILE_EXTENSIONS[number], (text: string) => unknown>> = {
  ".toml": parseTomlText,
  ".yaml": parseYaml,
  ".yml": parseYaml,
  ".json": parseJson,
};

/** Deeper than any option is; a YAML alias that contains itself is deeper still. */
const MAX_DEPTH = 16;

/**
 * Parses a file's content by the file's extension.
 *
 * @throws {ConfigError} If the extension is none of {@linkcode FILE_EXTENSIONS}, or the content is malformed:
 * the message then has the line and column.
 */
export function parseFile({ name, text }: ConfigFile): unknown {
  const extension = FILE_EXTENSIONS.find((known) => name.toLowerCase().endsWith(known));
  if (!extension) {
    throw new ConfigError(`the name must end in ${FILE_EXTENSIONS.join(", ")}`, { source: name });
  }
  let value: unknown;
  try {
    value = PARSERS[extension](text.replace(/^\uFEFF/, ""));
  } catch (error) {
    const [problem] = (error as Error).message.split(/:?\n/);
    throw new ConfigError(`malformed ${extension.slice(1)}: ${problem}`, { source: name, cause: error });
  }
  if (isDeeper(value, MAX_DEPTH)) throw new ConfigError("is nested too deeply", { source: name });
  return value;
}

function parseTomlText(text: string): unknown {
  rejectDuplicateTomlKeys(text);
  try {
    return parseToml(text);
  } catch (error) {
    const [, line, column, problem] =
      /^(?:Parse error on line (\d+), column (\d+): )+(.*)/.exec((error as Error).message) ?? [];
    if (problem === undefined) throw error;
    throw new SyntaxError(`${problem} at line ${line}, column ${Number(column) + 1}`, { cause: error });
  }
}

function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const { line, column } = locateJsonError(text);
    const problem = (error as Error).message.replace(/(, ".*|, \.\.\..*| in JSON at position .*)$/s, "");
    throw new SyntaxError(`${problem} at line ${line}, column ${column}`, { cause: error });
  }
  rejectDuplicateJsonKeys(text);
  return value;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1));
}
