/**
 * Where the value of an option stands in a configuration: options of pmmux by their keys, options of extensions
 * under the extension's name.
 *
 * @module
 */

import { deepFreeze } from "./freeze.ts";
import type { Option } from "./option_table.ts";
import type { Config, OptionValue } from "./types.ts";

/** Makes a configuration, frozen, of options and their values; undefined stands for none. */
export function configOf(values: Iterable<readonly [option: Option, value: unknown]>): Config {
  const config: Record<string, unknown> = {};
  const extensions = new Map<string, Record<string, unknown>>();
  for (const [option, value] of values) {
    if (value === undefined) continue;
    const { extension } = option;
    if (extension === undefined) config[option.key] = value;
    else extensions.set(extension, { ...extensions.get(extension), [ownKey(option)]: value });
  }
  return deepFreeze({ extensionOptions: Object.fromEntries(extensions), ...config }) as unknown as Config;
}

/** The value that a configuration has for an option. */
export function configValue(config: Config, option: Option): OptionValue | undefined {
  const values: Readonly<Record<string, unknown>> = option.extension === undefined
    ? { ...config }
    : config.extensionOptions[option.extension] ?? {};
  return values[ownKey(option)] as OptionValue | undefined;
}

/** In a table, the keys of an extension's options begin with its name, so that no two are the same. */
function ownKey({ key, extension }: Option): string {
  return extension === undefined ? key : key.slice(extension.length + 1);
}
