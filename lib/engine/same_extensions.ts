/**
 * Whether a change of configuration concerns extensions, which register once.
 *
 * @module
 */

import { isDeepStrictEqual as isEqual } from "node:util";
import type { Config } from "../config/types.ts";

/** Whether two configurations have the same extensions with the same options. */
export function hasSameExtensions(a: Config, b: Config): boolean {
  return isEqual([a.extensions, a.extensionOptions], [b.extensions, b.extensionOptions]);
}
