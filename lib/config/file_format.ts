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
import { errorAt } from "./text_position.ts";
import { rejectDuplicateTomlKeys } from "./toml_keys.ts";

/** A configuration file: its name, as messages show it, and its content. */
export interface ConfigFile {
  /** The path as it was given. Its extension tells the format. */
  readonly name: string;
  /** The content. */
  readonly text: string;
}

/** The extensions that a configuration file may have. */
const FILE_EXTENSIONS = [".toml", ".yaml", ".yml", ".json"] as const;

const PARSERS: Readonly<Record<typeof FILE_EXTENSIONS[number], (text: string) => unknown>> = {
  ".toml": parseTomlText,
  ".yaml": parseYamlText,
  ".yml": parseYamlText,
  ".json": parseJson,
};

/** What parsers repeat of a file, which may be part of a secret. */
const REPEATED =
  / on line '.*'?(?= at line )|(?<=alias|handle|tag) (?:"[^"]*"|!<[^>]*>)|(?<=tag .*): .*(?= at line )/s;

/** Deeper than any option is; a YAML alias that contains itself is deeper still. */
const MAX_DEPTH = 16;
/** More values than any configuration has; YAML aliases of aliases are soon more. */
const MAX_VALUES = 1_000_000;

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
  let size: Measure;
  try {
    value = PARSERS[extension](text.replace(/^\uFEFF/, ""));
    size = measure(value);
  } catch (error) {
    const { message } = error as Error;
    if (message.startsWith("Maximum call stack")) throw tooDeep(name);
    const problem = message.split(/:?\n/)[0]!.replace(REPEATED, "");
    throw new ConfigError(`malformed ${extension.slice(1)}: ${problem}`, { source: name, cause: error });
  }
  if (size.depth > MAX_DEPTH) throw tooDeep(name);
  if (size.values > MAX_VALUES) {
    throw new ConfigError("has aliases that stand for too much", { source: name });
  }
  return value;
}

function tooDeep(source: string): ConfigError {
  return new ConfigError("is nested too deeply", { source });
}

function parseTomlText(text: string): unknown {
  rejectDuplicateTomlKeys(text);
  try {
    return parseToml(text);
  } catch (error) {
    const [, line, column, problem] =
      /^(?:Parse error on line (\d+), column (\d+): )+(.*)/.exec((error as Error).message) ?? [];
    if (problem === undefined) throw error;
    const [, unfinished] = /^Cannot parse value on line '(.*=)\s*$/.exec(problem) ?? [];
    if (unfinished !== undefined) {
      // The parser has looked for the value on the lines below.
      const end = text.split("\n", Number(line)).join("\n").lastIndexOf(unfinished) + unfinished.length;
      throw errorAt(text, { index: end, problem: 'found no value after "="' });
    }
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

/** A binding that maps no port begins with what introduces a tag in YAML. */
function parseYamlText(text: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    const [, tag] = /unknown tag !<(!.*?)> at line/.exec((error as Error).message) ?? [];
    const found = tag === undefined
      ? undefined
      : new RegExp(`(?<=^|[\\s,[{])${RegExp.escape(tag)}`).exec(text);
    if (!found) throw error;
    const example = /^!:[?\d]/.test(tag!) ? tag : "!:8080:tcp";
    const problem = `a text that begins with "!" needs quotes, as in "${example}",`;
    throw errorAt(text, { index: found.index, problem });
  }
}

interface Measure {
  readonly depth: number;
  /** The values in it, those behind an alias each time that it stands. */
  readonly values: number;
}

/** Measures every value once, wherever YAML's aliases have put it. */
function measure(value: unknown, known = new Map<unknown, Measure>()): Measure {
  if (typeof value !== "object" || value === null) return { depth: 0, values: 1 };
  const earlier = known.get(value);
  if (earlier !== undefined) return earlier;
  // What contains itself comes upon this.
  known.set(value, { depth: Infinity, values: Infinity });
  const parts = Object.values(value).map((part) => measure(part, known));
  const depth = 1 + parts.reduce((most, part) => Math.max(most, part.depth), 0);
  const values = parts.reduce((sum, part) => sum + part.values, 1);
  known.set(value, { depth, values });
  return { depth, values };
}
