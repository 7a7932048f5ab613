/**
 * The options that extensions add, and their place among those of pmmux.
 *
 * @module
 */

import { ConfigError } from "./errors.ts";
import {
  type ChoiceOption,
  extendTable,
  type FlagOption,
  type IntegerOption,
  type ListOption,
  type Option,
  type OptionTable,
  type TextOption,
} from "./option_table.ts";

/**
 * An option as an extension declares it. Help shows it under the extension's name.
 *
 * @example
 * ```ts
 * import type { ExtensionOption } from "@pmmux/cli/mod";
 *
 * const limit: ExtensionOption = {
 *   name: "geo-limit",
 *   kind: "integer",
 *   range: { min: 1, max: 1000 },
 *   default: 100,
 *   help: "connections from one country",
 * };
 * ```
 */
export type ExtensionOption =
  | Omit<TextOption, "group" | "invocation">
  | Omit<IntegerOption, "group" | "invocation">
  | Omit<FlagOption, "group" | "invocation">
  | Omit<ChoiceOption, "group" | "invocation">
  | Omit<ListOption, "group" | "invocation">;

/** The options of one extension. */
export interface OptionProvider {
  /** The extension's name. */
  readonly name: string;
  /** Its options by key. */
  readonly options?: Readonly<Record<string, ExtensionOption>>;
}

/** What an option may be called: what the command line, the environment and files can all write. */
const OPTION_NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/**
 * The options of pmmux and of extensions. Extensions may also bring routing strategies, so that the names of those
 * are not all known yet.
 *
 * @throws {ConfigError} If two options share a name, or a name is none.
 */
export function withExtensionOptions(table: OptionTable, providers: readonly OptionProvider[]): OptionTable {
  if (providers.length === 0) return table;
  const open = table.map((option): Option =>
    option.kind === "choice" && option.key === "routingStrategy" ? { ...option, open: true } : option
  );
  return providers.reduce<OptionTable>((all, provider) => extendTable(all, optionsOf(provider)), open);
}

function optionsOf({ name: extension, options = {} }: OptionProvider): OptionTable {
  return Object.entries(options).map(([key, definition]) => {
    const fault = OPTION_NAME.test(definition.name) ? lacking(definition) : "names are like queue-length";
    if (fault !== undefined) {
      throw new ConfigError(`extension "${extension}" has an option "${definition.name}": ${fault}`);
    }
    return { ...definition, key: `${extension}.${key}`, group: extension, extension } as Option;
  });
}

/** What an option of a module that nobody has checked the types of needs beside its name and help. */
const NEEDED: Readonly<Record<ExtensionOption["kind"], readonly string[]>> = {
  string: [],
  address: [],
  integer: ["range"],
  flag: [],
  choice: ["choices"],
  list: ["plural", "element"],
};

function lacking(definition: ExtensionOption): string | undefined {
  const { kind } = definition;
  if (!Object.hasOwn(NEEDED, kind)) return `its kind is none of ${Object.keys(NEEDED).join(", ")}`;
  const missing = NEEDED[kind].find((key) => !(key in definition));
  return missing === undefined ? undefined : `the kind ${kind} needs ${missing}`;
}
