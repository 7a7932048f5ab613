/**
 * The configuration of somebody who configures nothing.
 *
 * @module
 */

import { configOf } from "./config_values.ts";
import { coreOptions } from "./options.ts";
import { defaultValue } from "./scalar_value.ts";
import type { Config } from "./types.ts";

/** Every option at its default. */
export const defaultConfig: Config = configOf(
  coreOptions.map((option) => [option, defaultValue(option)] as const),
);
