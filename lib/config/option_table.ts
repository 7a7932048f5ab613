/**
 * What an option is. One table of options drives the command line, the environment names, the keys of
 * configuration files, help, shell completions, the JSON Schema and the resulting configuration. The table
 * is a value: who adds options passes a longer table on.
 *
 * @module
 */

import { ConfigError } from "./errors.ts";
import type { Range } from "./whole_number.ts";

/**
 * What all kinds of options have.
 *
 * @example
 * ```ts
 * import type { OptionBase } from "@pmmux/cli/mod";
 * import { assertEquals } from "@std/assert";
 *
 * const flags = ({ name, aliases = [] }: Pick<OptionBase, "name" | "aliases">) =>
 *   [name, ...aliases].map((word) => word.length === 1 ? `-${word}` : `--${word}`).join(", ");
 * assertEquals(flags({ name: "queue-length", aliases: ["q"] }), "--queue-length, -q");
 * ```
 */
export interface OptionBase {
  /** The long name in kebab case, without dashes: `queue-length`. */
  readonly name: string;
  /** Other names: one letter for `-q`, more for `--backends`. */
  readonly aliases?: readonly string[];
  /** What it does, in one line. */
  readonly help: string;
  /** The heading that help shows it under. */
  readonly group: string;
  /** What help shows for the value, where the kind's own word says too little: `spec`, `path`. */
  readonly placeholder?: string;
  /** True for what only a command line can say (`--help`): no environment name, no file key, not in `Config`. */
  readonly invocation?: boolean;
}

/**
 * A text, or an IP address.
 *
 * @example
 * ```ts
 * import type { TextOption } from "@pmmux/cli/mod";
 *
 * const file: Omit<TextOption, "group"> = {
 *   name: "geo-file",
 *   kind: "string",
 *   placeholder: "path",
 *   help: "where the networks of countries are listed",
 * };
 * ```
 */
export interface TextOption extends OptionBase {
  /** Whether the text must be an IP address. */
  readonly kind: "string" | "address";
  /** The value unless given. */
  readonly default?: string;
}

/**
 * A whole number.
 *
 * @example
 * ```ts
 * import type { IntegerOption } from "@pmmux/cli/mod";
 *
 * const delay: Omit<IntegerOption, "group"> = {
 *   name: "tarpit-delay",
 *   kind: "integer",
 *   range: { min: 0, max: 60_000 },
 *   unit: "ms",
 *   default: 5000,
 *   help: "how long to hold a client before it is turned away",
 * };
 * ```
 */
export interface IntegerOption extends OptionBase {
  /** Tells the kinds apart. */
  readonly kind: "integer";
  /** What is allowed. */
  readonly range: Range;
  /** The unit, as help shows it: `ms`, `s`, `bytes`. */
  readonly unit?: string;
  /** The value unless given. */
  readonly default?: number;
}

/**
 * Yes or no.
 *
 * @example
 * ```ts
 * import type { FlagOption } from "@pmmux/cli/mod";
 *
 * const strict: Omit<FlagOption, "group"> = {
 *   name: "geo-strict",
 *   kind: "flag",
 *   help: "turn away clients whose country is unknown",
 * };
 * ```
 */
export interface FlagOption extends OptionBase {
  /** Tells the kinds apart. */
  readonly kind: "flag";
  /** What it is unless given; no unless this says otherwise. */
  readonly default?: boolean;
}

/**
 * One of several words, in any case.
 *
 * @example
 * ```ts
 * import type { ChoiceOption } from "@pmmux/cli/mod";
 *
 * const unknown: Omit<ChoiceOption, "group"> = {
 *   name: "geo-unknown",
 *   kind: "choice",
 *   choices: ["accept", "reject"],
 *   default: "accept",
 *   help: "what becomes of clients whose country is unknown",
 * };
 * ```
 */
export interface ChoiceOption extends OptionBase {
  /** Tells the kinds apart. */
  readonly kind: "choice";
  /** The words. */
  readonly choices: readonly string[];
  /** Whether the position of a word in `choices` may stand for the word. */
  readonly numbered?: boolean;
  /** Whether there may be other words, which are checked later. */
  readonly open?: boolean;
  /** The value unless given. */
  readonly default?: string;
}

/**
 * What the elements of a list are.
 *
 * @example
 * ```ts
 * import type { ListElement } from "@pmmux/cli/mod";
 *
 * const element: ListElement = "string";
 * ```
 */
export type ListElement = "string" | "extension" | "backend" | "binding" | "health-check";

/**
 * Any number of values; the option is named anew before each on a command line.
 *
 * @example
 * ```ts
 * import type { ListOption } from "@pmmux/cli/mod";
 *
 * const countries: Omit<ListOption, "group"> = {
 *   name: "geo-country",
 *   kind: "list",
 *   plural: "geo-countries",
 *   element: "string",
 *   help: "countries whose clients are let in",
 * };
 * ```
 */
export interface ListOption extends OptionBase {
  /** Tells the kinds apart. */
  readonly kind: "list";
  /** The plural: the option's key in files and, in camel case, in the configuration. */
  readonly plural: string;
  /** What each value is. */
  readonly element: ListElement;
}

/** An option as the table declares it. */
export type OptionDefinition = TextOption | IntegerOption | FlagOption | ChoiceOption | ListOption;

/** An option with its key in the resulting configuration: `queueLength`, and `geo.limit` for an extension's. */
export type Option = OptionDefinition & {
  /** The key. */
  readonly key: string;
  /** The name of the extension that adds it; undefined for an option of pmmux itself. */
  readonly extension?: string;
};

/** All options that a command line, an environment and a file may set. */
export type OptionTable = readonly Option[];

/** Makes a table of definitions by configuration key. */
export function optionTable(definitions: Readonly<Record<string, OptionDefinition>>): OptionTable {
  return Object.entries(definitions).map(([key, definition]) => ({ ...definition, key }));
}

/**
 * A table with more options at its end.
 *
 * @throws {ConfigError} If two options would share a name or a key.
 */
export function extendTable(table: OptionTable, more: OptionTable): OptionTable {
  const extended = [...table, ...more];
  const owners = new Map<string, Option>();
  for (const option of extended) {
    for (const name of new Set([...spellings(option), `config.${option.key}`])) {
      const owner = owners.get(name);
      if (owner) {
        throw new ConfigError(
          `two options are called "${name}": ${described(owner)} and ${described(option)}`,
        );
      }
      owners.set(name, option);
    }
  }
  return extended;
}

function described({ name, extension }: Option): string {
  return extension === undefined ? name : `${name} of extension "${extension}"`;
}

/** All names of an option, the one that files use first. */
export function spellings(option: Option): string[] {
  return [...new Set([fileKey(option), option.name, ...(option.aliases ?? [])])];
}

/** The option's key in a configuration file: `port-bindings`, `queue-length`. */
export function fileKey(option: Option): string {
  return option.kind === "list" ? option.plural : option.name;
}

/** The option's environment variable: `PMMUX__PORT_BINDINGS`; an element of a list adds `__0`. */
export function environmentName(option: Option): string {
  return `PMMUX__${fileKey(option).toUpperCase().replaceAll("-", "_")}`;
}

/** A key as written, in the form that option names have: `--Port_Bindings` → `port-bindings`. */
export function normalizeKey(key: string): string {
  return key.toLowerCase().replace(/^-+/, "").replaceAll("_", "-");
}

/** The option of a name in any spelling, or undefined. */
export function findOption(table: OptionTable, name: string): Option | undefined {
  const key = normalizeKey(name);
  return table.find((option) => spellings(option).includes(key));
}
