/**
 * The configuration of somebody who configures nothing.
 *
 * @module
 */

import { deepFreeze } from "./freeze.ts";
import { coreOptions } from "./options.ts";
import { defaultValue } from "./scalar_value.ts";
import type { Config } from "./types.ts";

/** Every option at its default. */
export const defaultConfig: Config = deepFreeze(
  Object.fromEntries(
    coreOptions.flatMap((option) => {
      const value = defaultValue(option);
      return value === undefined ? [] : [[option.key, value]];
    }),
  ),
) as unknown as Config;
