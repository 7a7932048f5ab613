/**
 * The configuration of somebody who configures nothing.
 *
 * @module
 */

import { coreOptions } from "./options.ts";
import type { Config } from "./types.ts";

/** Every option at its default. */
export const defaultConfig: Config = Object.freeze(
  Object.fromEntries(coreOptions.map((option) => [option.key, defaultOf(option)])),
) as unknown as Config;

function defaultOf(option: (typeof coreOptions)[number]): unknown {
  if (option.kind === "list") return Object.freeze([]);
  if (option.kind === "flag") return false;
  return option.default;
}
