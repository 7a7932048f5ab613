/**
 * Configurations that a program puts together itself.
 *
 * @module
 */

import { defaultConfig } from "./default_config.ts";
import { ConfigError } from "./errors.ts";
import { suggest } from "./nearest.ts";
import type { ListElement, OptionDefinition } from "./option_table.ts";
import { coreOptions } from "./options.ts";
import { readScalar } from "./scalar_value.ts";
import type { Config } from "./types.ts";

/** Which strategies there are, only the multiplexer knows. */
const OPTIONS = new Map(
  coreOptions.map((
    option,
  ) => [option.key, option.name === "routing-strategy" ? { ...option, open: true } : option]),
);
const KEYS = [...OPTIONS.keys(), "extensionOptions"];

const TYPES: Readonly<Record<OptionDefinition["kind"], string>> = {
  integer: "number",
  flag: "boolean",
  string: "string",
  address: "string",
  choice: "string",
  list: "list",
};

/** What makes elements of lists that are no texts. */
const PARSERS: Readonly<Partial<Record<ListElement, string>>> = {
  "backend": "parseBackendSpec",
  "binding": "parseBindingSpec",
  "health-check": "parseHealthCheckSpec",
};

/**
 * The configuration with the default for whatever is not given.
 *
 * @throws {ConfigError} If there is a key that is no option's, or a value that its option does not allow; the
 * message has all of them.
 */
export function completeConfig(config: Partial<Config>): Config {
  const given = Object.entries(config).filter(([, value]) => value !== undefined);
  const faults = given.flatMap(([key, value]) => faultsOf(key, value));
  if (faults.length > 0) throw new ConfigError(faults.join("; "));
  const complete = { ...defaultConfig, ...Object.fromEntries(given) };
  // Listeners are told apart by their bindings, of which a program may give one twice.
  return { ...complete, portBindings: complete.portBindings.map((binding) => ({ ...binding })) };
}

function faultsOf(key: string, value: unknown): string[] {
  const option = OPTIONS.get(key);
  if (option === undefined) return KEYS.includes(key) ? [] : [`"${key}" is no option; ${suggest(key, KEYS)}`];
  const [wanted, found] = [TYPES[option.kind], Array.isArray(value) ? "list" : typeof value];
  if (found !== wanted) return [`${key} is a ${found}, not a ${wanted}`];
  if (option.kind === "list") {
    const parser = PARSERS[option.element];
    const isCompact = (value as readonly unknown[]).some((element) => typeof element === "string");
    return parser !== undefined && isCompact
      ? [`${key} has a string in it; ${parser} makes a spec of it`]
      : [];
  }
  const faults: string[] = [];
  readScalar(option, { text: String(value), report: (fault) => void faults.push(`${key}: ${fault}`) });
  return faults;
}
