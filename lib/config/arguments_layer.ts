/**
 * The command line as a layer.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import type { ReportAt } from "./errors.ts";
import type { Given, Layer } from "./layers.ts";
import { type Option, type OptionTable, spellings } from "./option_table.ts";
import { describeUnknownOption } from "./unknown_option.ts";

/** A command line, taken apart. */
export interface ParsedArguments {
  /** The options and their values; a flag's value is `true` or `false`. */
  readonly given: Layer;
  /** What is neither an option nor the value of one. */
  readonly operands: readonly string[];
}

const SOURCE = "command line";

/**
 * Takes a command line apart. Repeatable options need their name before each value; a flag stands alone, or
 * with `true` or `false` after it, or as `--no-…`.
 *
 * @example
 * ```ts
 * import { parseArguments } from "./arguments_layer.ts";
 * import { coreOptions } from "./options.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { given } = parseArguments(["-b", "a:noop", "-b", "b:noop"], {
 *   table: coreOptions,
 *   reportAt: () => (message) => { throw new Error(message); },
 * });
 * assertEquals(given.get("backends")?.values.map((value) => value.written), ["a:noop", "b:noop"]);
 * ```
 */
export function parseArguments(
  args: readonly string[],
  { table, reportAt }: { readonly table: OptionTable; readonly reportAt: ReportAt },
): ParsedArguments {
  const reportUnknown = (name: string) =>
    reportAt(`${SOURCE}: ${name}`)(describeUnknownOption(name, { table, rightNames: longNames(table) }));
  const parsed = parseArgs(normalizeArguments(args, { table, reportUnknown }), {
    string: ["_", ...table.map((option) => option.name)],
    collect: table.map((option) => option.name),
    alias: Object.fromEntries(table.map((option) => [option.name, otherNames(option)])),
    unknown: (argument, key) => {
      if (key === undefined) return true;
      reportUnknown(argument.replace(/=.*$/s, ""));
      return false;
    },
  });
  const given = new Map<string, Given>();
  for (const option of table) {
    const texts = [parsed[option.name] ?? []].flat().map(String);
    const source = `${SOURCE}: --${option.name}`;
    const place = (index: number) =>
      option.kind === "list" ? `${SOURCE}: ${option.plural}[${index}]` : source;
    const values = texts.map((written, index) => ({ source: place(index), written }))
      .filter(({ written }) => written !== "");
    if (values.length < texts.length) reportAt(source)("needs a value");
    if (option.kind !== "list" && texts.length > 1) {
      reportAt(source)(`given ${texts.length} times; it takes one value`);
    } else if (values.length === 0) {
      continue;
    } else if (option.kind === "flag" && option.invocation && !/^(true|false)$/i.test(texts[0]!)) {
      reportAt(source)(`"${texts[0]}" is not true or false`);
    } else {
      given.set(option.key, { option, source, values });
    }
  }
  return { given, operands: parsed._.map(String) };
}

function otherNames(option: Option): string[] {
  return spellings(option).filter((name) => name !== option.name);
}

/** Rewrites `-bVALUE`, `-q -1`, `--flag`, `--no-flag` and `--flag true` as `--name=value`: one form to parse. */
function normalizeArguments(
  args: readonly string[],
  { table, reportUnknown }: { table: OptionTable; reportUnknown: (name: string) => void },
): string[] {
  const normalized: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const argument = args[i]!;
    if (argument === "--") return [...normalized, ...args.slice(i)];
    const flag = parseFlag(argument, table);
    const next = args[i + 1];
    if (flag) {
      const takesNext = flag.value === undefined && /^(?:true|false)$/i.test(next ?? "");
      const value = flag.value ?? (takesNext ? next!.toLowerCase() : "true");
      normalized.push(`--${flag.name}=${flag.negated ? opposite(value) : value}`);
      if (takesNext) i++;
    } else if (/^--(?:no-|_(?:=|$))/.test(argument)) {
      // The parser would take it for something else.
      reportUnknown(argument.replace(/=.*$/s, ""));
    } else if (next !== undefined && /^$|^-\d/.test(next) && isName(argument, table)) {
      normalized.push(`${argument}=${next}`);
      i++;
    } else {
      normalized.push(detachShortValue(argument, table));
    }
  }
  return normalized;
}

function isName(argument: string, table: OptionTable): boolean {
  const [, name] = /^(?:--|-(?=.$))(.+)$/s.exec(argument) ?? [];
  return name !== undefined && findSpelling(name, table) !== undefined;
}

interface Flag {
  readonly name: string;
  readonly negated: boolean;
  /** What stands behind `=`. */
  readonly value: string | undefined;
}

function parseFlag(argument: string, table: OptionTable): Flag | undefined {
  const [, negation, name, value] = /^(?:--(no-)?|-(?=.$))([^=]+)(?:=(.*))?$/s.exec(argument) ?? [];
  const option = name === undefined ? undefined : findSpelling(name, table);
  return option?.kind === "flag" ? { name: option.name, negated: negation !== undefined, value } : undefined;
}

/** What is neither true nor false stays, to be told as a fault. */
function opposite(value: string): string {
  return { true: "false", false: "true" }[value.toLowerCase()] ?? value;
}

function detachShortValue(argument: string, table: OptionTable): string {
  const [, name, value] = /^-([^-])=?(.+)$/s.exec(argument) ?? [];
  const option = name === undefined ? undefined : findSpelling(name, table);
  return option ? `--${option.name}=${value}` : argument;
}

function findSpelling(name: string, table: OptionTable): Option | undefined {
  return table.find((option) => spellings(option).includes(name));
}

function longNames(table: OptionTable): string[] {
  return table.flatMap(spellings).filter((name) => name.length > 1).map((name) => `--${name}`);
}
